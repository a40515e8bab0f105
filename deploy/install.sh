#!/bin/sh
# Installs Parcours on this machine, or brings it up to date: a user, an environment from the hashed lock, a
# configuration, a database, units for systemd. Repeatable: what is there is kept, a configuration is never replaced.
#
# Usage, as root, from a checkout: deploy/install.sh [--root DIR] [--python PROGRAM]
#   --root DIR        lay everything under DIR, make no user and start nothing: to look at, or for an image
#   --python PROGRAM  the interpreter to use, 3.11 or newer; by default the newest one that is found
set -eu
umask 022
source=$(cd "$(dirname "$0")/.." && pwd)
root='' python=''
prefix=/opt/parcours data=/var/lib/parcours config=/etc/parcours units=/etc/systemd/system user=parcours

die() { echo "$1" >&2; exit 1; }

while [ $# -gt 0 ]; do
  case $1 in
    --root) [ $# -gt 1 ] && [ -n "$2" ] || die "--root needs a folder"; mkdir -p "$2"; root=$(cd "$2" && pwd); shift 2 ;;
    --python) [ $# -gt 1 ] || die "--python needs a program"; python=$2; shift 2 ;;
    -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "unknown: $1 (see --help)" ;;
  esac
done
[ -n "$root" ] || [ "$(id -u)" = 0 ] || die "This makes a user and units: run it as root, or with --root DIR."

# All programs of a name, in the order of PATH.
places_of() {
  case $1 in */*) echo "$1"; return ;; esac
  echo "$PATH" | tr : '\n' | while read -r folder; do
    [ ! -x "$folder/$1" ] || echo "$folder/$1"
  done
}

# One that the user may run too: an interpreter in somebody's home is not.
find_python() {
  for name in ${python:-python3.14 python3.13 python3.12 python3.11 python3}; do
    for each in $(places_of "$name"); do
      if as_user "$each" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$each"; return
      fi
    done
  done
  die "Parcours needs Python 3.11 or newer with ensurepip, for all users (Debian: apt-get install python3-venv)."
}

make_user() {
  [ -z "$root" ] || return 0
  getent passwd "$user" >/dev/null || useradd --system --user-group --home-dir "$data" --shell /usr/sbin/nologin "$user"
}

# The owner, where there is a user to own it.
own() { [ -n "$root" ] || chown "$user:$user" "$@"; }

as_user() {
  if [ -n "$root" ]; then "$@"; else runuser -u "$user" -- "$@"; fi
}

make_environment() {
  venv=$root$prefix/venv
  as_user "$venv/bin/python" -c '' 2>/dev/null || {
    found=$(find_python)
    "$found" -m venv --clear "$venv"
  }
  set -- "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input
  "$@" --require-hashes --no-build-isolation --use-pep517 -r "$source/requirements/build.txt"
  "$@" --require-hashes --no-build-isolation --use-pep517 -r "$source/requirements/deploy.txt"
  # Of the same version may be other sources: a checkout that was brought up to date.
  "$@" --no-deps --no-build-isolation --force-reinstall "$source"
}

# Kept where somebody changed it: that is how an installation is set.
make_config() {
  install -d -m 755 "$root$config"
  # It may come to hold a password of the database.
  umask 027
  [ -e "$root$config/parcours.toml" ] || sed "s#@DATA@#$root$data#g" "$source/deploy/parcours.toml" > "$root$config/parcours.toml"
  umask 022
  [ -n "$root" ] || chgrp "$user" "$root$config/parcours.toml"
}

make_database() {
  install -d -m 700 "$root$data" "$root$data/backups"
  own "$root$data" "$root$data/backups"
  (umask 077 && cd "$root$data" && as_user env PARCOURS_CONFIG="$root$config/parcours.toml" "$root$prefix/venv/bin/parcours" init)
}

lay_files() {
  install -d -m 755 "$root$prefix/bin" "$root$units"
  install -m 755 "$source/deploy/bin/parcours" "$source/deploy/bin/parcours-backup" "$root$prefix/bin/"
  install -m 644 "$source"/deploy/systemd/parcours-* "$root$units/"
}

# A program of before must not write to a schema of today.
stop() {
  [ -z "$root" ] && [ -d /run/systemd/system ] || return 0
  systemctl stop parcours-daemon.service parcours-console.service 2>/dev/null || true
}

start() {
  if [ -n "$root" ] || [ ! -d /run/systemd/system ]; then
    echo "Units lie in $root$units; systemd was not asked to start them."
    return
  fi
  systemctl daemon-reload
  systemctl enable --quiet parcours-daemon.service parcours-console.service parcours-backup.timer
  systemctl restart parcours-daemon.service parcours-console.service
  systemctl start parcours-backup.timer
}

make_user
make_environment
make_config
lay_files
stop
make_database
start
echo "Parcours is installed: settings in $root$config/parcours.toml, commands by $root$prefix/bin/parcours."

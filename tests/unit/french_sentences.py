"""Changes of the small definition, each with what is then found in it, in French."""

# ruff: noqa: E501

_ANSWER = "within: 15 days, while: open, then: close}"
_BY = "to: waiting, by: [clerk]}"
_DATE = "due_on: {type: date}"
_OWN = "fields:\n  pay: {type: money, personal: true}\n"


def answer(more: str) -> tuple[str, str]:
    """A change of the small definition's deadline."""
    return _ANSWER, f"{_ANSWER[:-1]}, {more}}}"


def move(more: str) -> tuple[str, str]:
    """A change of its first transition."""
    return _BY, f"{_BY[:-1]}, {more}}}"


def due_on(form: str) -> tuple[str, str]:
    """A change of its first field."""
    return _DATE, f"due_on: {form}"


def top(line: str) -> tuple[str, str]:
    """A line more at the beginning."""
    return "roles:", f"{line}\nroles:"


SENTENCES: list[tuple[tuple[str, str], str]] = [
    (("initial: open", "initial: opn"), "l'état « opn » n'existe pas : vouliez-vous dire « open » ?"),
    (("then: close", "then: end"), "le déclencheur « end » n'existe pas : attendu close, pass_on"),
    (move("takes: [when]"), "le champ « when » n'existe pas : attendu due_on, months"),
    (due_on("{type: choice, values: kinds}"), "la liste « kinds » n'existe pas : il n'y en a pas ici"),
    (answer("before: [answr]"), "l'échéance « answr » n'existe pas : vouliez-vous dire « answer » ?"),
    (move("takes: [due_on, due_on]"), "le champ « due_on » est là deux fois : supprimez-en un exemplaire"),
    (("[clerk]\n", "[clerk, clerk]\n"), "le rôle « clerk » est là deux fois, ou est réservé"),
    (
        ("  months:", "  reference: {type: text}\n  months:"),
        "le nom « reference » est réservé : choisissez-en un autre",
    ),
    (
        ("  close: {from", "  open: {from: open, by: [clerk]}\n  close: {from"),
        "« open » est aussi un état : renommez l'un des deux",
    ),
    (("version: 1", "version: 0"), "trouvé le nombre 0, attendu au moins 1"),
    (("version: 1", "version: 1000001"), "trouvé le nombre 1000001, attendu au plus 1000000"),
    (("version: 1\n", ""), "la clé « version » manque"),
    (("from: open, to: waiting, ", ""), "la clé « from » manque dans transitions.pass_on"),
    (
        top("colour: red"),
        "la clé « colour » n'existe pas : attendu approvals, automatic, calendar, deadlines, definition, "
        "fields, initial, invariants, lists, longest, phases, quotas, reasons, retention, roles, stale_after, states, "
        "tables, timezone, title, …",
    ),
    (top("title:"), "rien ne suit « title » : donnez une valeur ({} pour un groupe sans clés)"),
    (due_on("{type: dat}"), "dans type, la valeur « dat » n'existe pas : vouliez-vous dire « date » ?"),
    (
        due_on("{type: [date]}"),
        "trouvé une liste, attendu text, integer, money, date, boolean, choice, siret, insee, email, territory",
    ),
    (due_on("{type: date, required: yes}"), "trouvé « yes », attendu true ou false"),
    (due_on("[date]"), "trouvé une liste, attendu un groupe de clés"),
    (
        ("[clerk]\n", "[clerk, 12]\n"),
        'trouvé le nombre 12, attendu du texte : si c\'est du texte, mettez des guillemets ("12")',
    ),
    (
        ("[clerk]\n", "[clerk, Clerk]\n"),
        "trouvé « Clerk », attendu un nom en minuscules sans accents, chiffres et tirets "
        "bas isolés, qui commence par une lettre",
    ),
    (
        ("  due_on:", "  dueOn:"),
        "« dueOn » ne peut être un nom : attendu un nom en minuscules sans accents, chiffres et "
        "tirets bas isolés, qui commence par une lettre",
    ),
    (("while: open", "while: {open: 1}"), "trouvé un groupe de clés, attendu un nom ou une liste de noms"),
    (top("title: ''"), "trouvé un texte vide, attendu un texte qui n'est pas vide"),
    (top(f"timezone: {'x' * 2001}"), f"trouvé « {'x' * 59}… », attendu au plus 2000 caractères"),
    (move("guards: [{code: x, message: X, require: []}]"), "trouvé une liste, attendu du texte"),
    (("[open, waiting]", "[]"), "trouvé une liste, attendu au moins un élément"),
    (answer("remind: [soon]"), "trouvé « soon », attendu un rappel tel que 5 days before ou 10 days after"),
    (
        answer("entry_grace: 2 hours"),
        "« 2 hours » n'est pas un délai de saisie : il se compte en days, weeks, months ou years",
    ),
    (
        ("within: 15 days", "within: soon"),
        "trouvé « soon », attendu une durée telle que 15 days, 4 months, 48 hours ou 10 working days",
    ),
    (
        ("within: 15 days", "within: 15 dayz"),
        "« 15 dayz » n'est pas une durée : attendu un nombre entier et une unité, "
        "comme 15 days, 4 months, 48 hours ou 10 working days",
    ),
    (("within: 15 days", "within: 99999 years"), "une durée de 99999 years n'est pas comprise entre 0 et 9999 ans"),
    (
        ("within: 15 days", "within: 5 working months"),
        "« working months » ne se compte pas : seuls se comptent working days et workable days",
    ),
    (answer("counting: workin"), "dans counting, la valeur « workin » n'existe pas : vouliez-vous dire « working » ?"),
    (
        ("within: 15 days", "within: 5 working days, counting: clear"),
        "« 5 working days » ne peut se compter en clear : la durée dit déjà comment",
    ),
    (
        ("within: 15 days", "within: 5 months, counting: working"),
        "« 5 months » ne peut se compter en working : les jours ouvrés ou ouvrables se comptent en days",
    ),
    (
        ("within: 15 days", "within: 48 hours, counting: clear"),
        "« 48 hours » est une durée exacte : elle ne prend ni counting ni roll",
    ),
    (top("stale_after: 1 month"), "trouvé « 1 month », attendu une durée toujours égale, telle que 2 days ou 36 hours"),
    (
        top("timezone: Europe/Pari"),
        "le fuseau horaire « Europe/Pari » n'existe pas : attendu un nom tel que Europe/Paris",
    ),
    (
        top("timezone: Europe/Berlin"),
        "aucun territoire n'est dans le fuseau horaire « Europe/Berlin », et aucun placement "
        "n'a donc de jours fériés : déclarez un champ « territory », ou le fuseau horaire d'un département",
    ),
    (
        ("  months:", "  territory: {type: territory}\n  months:"),
        "un placement peut être sans territoire : rendez le champ "
        "required: true, ou donnez-lui une valeur par défaut qui vaut toujours",
    ),
    (
        ("  months:", "  territory: {type: text, required: true}\n  months:"),
        "le champ « territory » est de type text : attendu territory",
    ),
    (top("calendar: FR-2026.2"), "le calendrier « FR-2026.2 » n'existe pas : vouliez-vous dire « FR-2026.1 » ?"),
    (
        top("phases: {early: Début}"),
        "aucun état n'est de la phase « early » : supprimez son libellé, ou nommez-la dans un état",
    ),
    (
        answer("revised: [{from: 2021-02-30, within: 9 days}]"),
        "le jour 2021-02-30 n'existe pas : attendu un jour tel que 2021-03-16",
    ),
    (
        answer("revised: [{from: 2021-03-01, within: 9 days}, {from: 2021-02-01, within: 8 days}]"),
        "trouvé 2021-02-01 après 2021-03-01 : attendu les révisions dans l'ordre de leurs jours",
    ),
    (
        ("after: open", "after: {state: open, field: due_on}"),
        "un point de départ s'écrit {field: …}, ou {state: …} avec ou sans first: true",
    ),
    (("after: open", "after: {field: months}"), "le champ « months » est de type integer : attendu date"),
    (answer("until: {times: 2}"), "until s'écrit {field: …}, ou {trigger: …} avec ou sans times"),
    (
        answer("paused_in: waiting"),
        "l'horloge de « answer » ne tourne pas dans « waiting » : nommez-le aussi dans while, ou ôtez-le d'ici",
    ),
    (
        answer("remind: [5 hours before]"),
        "« 5 hours before » n'est pas un rappel : les rappels se comptent en days, weeks, months ou years",
    ),
    (
        answer("remind: [5 days before, 5 days before]"),
        "« 5 days before » est là deux fois : supprimez-en un exemplaire",
    ),
    (
        answer("milestone: true"),
        "un jalon ne déclenche rien : supprimez then, ou faites-en une échéance (sans milestone)",
    ),
    (
        (", then: close}", ", entry_grace: 2 days}"),
        "entry_grace ne vaut que pour une échéance qui a un then : sans lui, rien n'empêche un fait tardif",
    ),
    (due_on("{type: choice, values: [a, a]}"), "« a » est deux fois dans la liste"),
    (
        due_on("{type: choice, values: [{value: a, from: 2021-02-01, until: 2021-01-01}]}"),
        "until 2021-01-01 précède from 2021-02-01",
    ),
    (("minimum: 2, maximum: 36", "minimum: 36, maximum: 2"), "le maximum est inférieur au minimum"),
    (
        due_on("{type: date, minimum: 2}"),
        "un champ de type date n'a pas de minimum : attendu pour integer ou money seulement",
    ),
    (
        due_on("{type: date, values: [a]}"),
        "un champ de type date n'a pas de values : attendu pour le type choice seulement",
    ),
    (
        due_on("{type: choice}"),
        "le champ « due_on » est de type choice et n'a pas de values : donnez-en, ou nommez une liste",
    ),
    (
        due_on("{type: date, unset_by: [opened]}"),
        "l'état ou déclencheur « opened » n'existe pas : vouliez-vous dire « open » ?",
    ),
    (("default: 6", "default: six"), "« six » n'est pas un nombre entier"),
    (
        ("default: 6", "default: {cases: [{value: 6}, {value: 7}]}"),
        "ce cas vaut toujours : ceux qui le suivent ne valent jamais",
    ),
    (
        due_on("{type: text, default: {cases: [{value: a, over: 2}], modulated_by: months}}"),
        "une valeur par défaut de type text n'est pas modulée : seuls integer et money le sont",
    ),
    (
        ("default: 6", "default: {cases: [{value: 6, over: 2}], modulated_by: due_on}"),
        "le champ « due_on » n'est pas un autre champ de type integer : attendu un nombre de mois",
    ),
    (
        due_on("{type: money, default: {cases: [{value: 6}], modulated_by: months}}"),
        "la clé « over » manque : months est divisé par elle",
    ),
    (("default: 6", "default: {cases: [{value: 6, over: 2}]}"), "over va avec modulated_by, qui n'est pas là"),
    (
        ("default: 6", "default: {cases: [{when: {kind: [a]}, value: 6}]}"),
        "le champ « kind » n'existe pas : attendu due_on, months",
    ),
    (
        ("default: 6", "default: {cases: [{when: {due_on: [a]}, value: 6}]}"),
        "le champ « due_on » est de type date : un cas regarde un choice, territory ou text",
    ),
    (move("needs: [due_on], takes: [due_on]"), "le champ « due_on » est déjà dans needs : ôtez-le de takes"),
    (move("needs: [due_on, due_on]"), "le champ « due_on » est là deux fois : supprimez-en un exemplaire"),
    (move("dated_by: months, needs: [months]"), "le champ « months » est de type integer : attendu une date"),
    (move("dated_by: due_on"), "le champ « due_on » n'est pas dans needs : sans lui, le fait n'a pas de date"),
    (
        move("guards: [{code: x, message: X}]"),
        "une condition de guards a soit require (une expression), soit predicate",
    ),
    (
        move("guards: [{code: x, message: X, predicate: candidate_was_show}]"),
        "le prédicat « candidate_was_show » n'existe pas : vouliez-vous dire « candidate_was_shown » ?",
    ),
    (move("when: 'months > due_on'"), "> ne s'applique pas à (nombre, date) : attendu des valeurs de même nature"),
    (
        top("quotas: {posts: {limit: 3, taken_by: pas}}"),
        "le déclencheur « pas » n'existe pas : vouliez-vous dire « pass_on » ?",
    ),
    (
        top(
            "tables: {wage: {known_until: 2021-01-01, columns: [{territories: ['20'], rows: [{from: 2021-01-01, value: 1}]}]}}"
        ),
        "le territoire « 20 » n'existe pas : attendu 01, 02, 03, 04, 05, 06, 07, 08, 09, 10, 11, 12, 13, 14, 15, 16, 17, 18, "
        "19, 21, …",
    ),
    (
        top(
            "tables: {wage: {known_until: 2021-01-01, columns: [{territories: ['09..01'], "
            "rows: [{from: 2021-01-01, value: 1}]}]}}"
        ),
        "la plage de territoires « 09..01 » n'existe pas : il n'y en a pas ici",
    ),
    (
        top(
            "tables: {wage: {known_until: 2021-01-01, columns: [{territories: ['01', '01'], "
            "rows: [{from: 2021-01-01, value: 1}]}]}}"
        ),
        "le territoire 01 est déjà dans cette table",
    ),
    (
        top(
            "tables: {wage: {known_until: 2021-01-01, columns: [{territories: ['01'], "
            "rows: [{from: 2021-01-01, value: 1}, {from: 2020-01-01, value: 1}]}]}}"
        ),
        "2020-01-01 ne suit pas 2021-01-01 : les lignes vont dans l'ordre de leurs jours",
    ),
    (
        top(
            "tables: {wage: {known_until: 2021-01-01, columns: [{territories: ['01'], "
            "rows: [{from: 2022-01-01, value: 1}]}]}}"
        ),
        "2022-01-01 dépasse known_until, 2021-01-01 : mettez celui-ci à jour aussi",
    ),
    (
        top("invariants: [{at_most: 3 days}]"),
        "un invariant est soit never: {…}, soit leads_to: {…}, soit at_most: DURÉE avec from et to",
    ),
    (top("invariants: [{never: {state: open}}]"), "never a soit without, soit after"),
    (top("invariants: [{never: {state: open, without: {}}}]"), "without s'écrit {state: …} ou {field: …}"),
    (
        top("invariants: [{at_most: 3 days, from: {field: due_on}, to: final}]"),
        "at_most compte depuis un état, ou depuis {state: …, first: true}",
    ),
    (
        top("invariants: [{at_most: 3 days, from: open, to: final, unset: [months]}]"),
        "le champ « months » n'est pas une date : seule une date posée par quelqu'un déplace une échéance",
    ),
    (
        top("approvals: {late: {by: [scheduler]}}"),
        "l'échéancier n'est pas une seconde personne : nommez des rôles tenus par des personnes",
    ),
    (top("approvals: {late: {by: [clerk, clerk]}}"), "le rôle « clerk » est là deux fois : supprimez-en un exemplaire"),
    (
        ("fields:\n", "retention: {all: {keep: 1 year, texts: true}}\n" + _OWN),
        "le champ personnel « pay » n'est dans aucune catégorie de retention : il serait gardé sans fin",
    ),
    (
        ("fields:\n", "retention: {all: {keep: 1 year, fields: [pay]}}\n" + _OWN),
        "les textes libres ne sont dans aucune catégorie de retention : écrivez texts: true dans l'une d'elles",
    ),
    (("fields:\n", "retention: {all: {keep: 1 year}}\n" + _OWN), "la catégorie « all » n'a pas de champs : nommez-en"),
    (
        ("fields:\n", "retention: {all: {keep: 1 year, texts: true, fields: [pay, due_on]}}\n" + _OWN),
        "le champ « due_on » n'est pas personal : seules les données personnelles sont effacées",
    ),
    (
        (
            "fields:\n",
            "retention: {a: {keep: 1 year, texts: true, fields: [pay]}, b: {keep: 1 year, fields: [pay]}}\n" + _OWN,
        ),
        "le champ « pay » est déjà dans la catégorie « a »",
    ),
    (
        (
            "fields:\n",
            "retention: {a: {keep: 1 year, texts: true, fields: [pay]}, b: {keep: 1 year, texts: true}}\n" + _OWN,
        ),
        "les textes libres sont déjà dans la catégorie « a »",
    ),
    (
        ("fields:\n", "retention: {a: {keep: 1 year, texts: true, fields: [pay], after: open}}\n" + _OWN),
        "l'état « open » n'est pas final : une durée de conservation compte depuis la fin d'une vie",
    ),
    (("version: 1\n", "version: 1\nversion: 2\n"), "la clé « version » est là deux fois : elle est déjà à la ligne 2"),
    (
        ("version: 1\n", "version: 1\ntrue: 2\n"),
        "une clé est un texte, et true se lit comme true : mettez des guillemets",
    ),
    (
        ("version: 1\n", "version: 1\non: 2\n"),
        "une clé est un texte, et bien des lecteurs de YAML prennent on pour oui ou "
        "non : mettez des guillemets, ou renommez-la",
    ),
    (due_on("&a {type: date}"), "le repère &a n'est pas permis : écrivez la valeur partout où il le faut"),
    (due_on("*a"), "le renvoi *a n'est pas permis : écrivez la valeur"),
    (("version: 1", "version: !!int 1"), "l'étiquette « tag:yaml.org,2002:int » n'est pas permise : supprimez-la"),
    (due_on("{<<: {a: b}, type: date}"), "une clé de fusion (<<) n'est pas permise : écrivez les clés"),
    (
        due_on("{type: text, default: 01}"),
        'trouvé 01, un nombre qui commence par 0 : si c\'est un code, mettez des guillemets ("01")',
    ),
    (("version: 1", "version: 1234567890123456"), "trouvé un nombre de 16 chiffres : attendu au plus 15"),
    (top('title: "\\a"'), "le texte contient un caractère de contrôle codé : supprimez-le"),
    (top("\ttitle: x"), "trouvé une tabulation : mettez des espaces"),
    (top("title: \u202ex"), "le caractère U+202E n'est pas permis : attendu du texte simple"),
    (
        top("title: a: b"),
        "ce n'est pas du YAML : « : » n'a pas sa place ici : le retrait est mal aligné, ou un texte qui "
        "contient « : » est sans guillemets",
    ),
    (
        ("roles: [clerk]", "roles: [clerk"),
        "ce n'est pas du YAML : il manque « , » ou « ] », dans une liste entre crochets qui commence à la ligne 4",
    ),
    (
        ("definition: small", "%TAG ! tag:x,2000:\n---\ndefinition: small"),
        "une directive % n'est pas permise : supprimez-la",
    ),
    (("definition: small", "a: 1\n---\ndefinition: small"), "un second document commence ici : attendu un seul"),
    (("definition: small", "{a: 1}: small"), "un groupe de clés ou une liste ne peut être une clé : attendu un nom"),
]

"""The daemon seals what it and others enter, and fires whether it can seal or not."""

from tests.acceptance.driver import Site


def test_daemon_seals_what_was_entered(site: Site) -> None:
    site.init().place("A-1")
    with site.running("--seal-interval", "0.1") as daemon:
        line = daemon.wait_for("seal.finished")
        site.place("A-2")
        daemon.wait_for("seal.finished", times=2)
        daemon.stop()
    assert (line["entries"], line["broken"], line["late"]) == (2, 0, 0)
    assert site.count("unsealed") == 0
    assert site.ask("audit", "verify")["ok"]


def test_a_missing_key_stops_no_firing(site: Site) -> None:
    site.init(sandbox=True).at("2021-03-01T09:00:00Z").place("A-1")
    site = site.at("2021-03-02T09:00:00Z")
    site.fire("A-1", "grant_post", "anct", granted_on="2021-03-02")
    site.fire("A-1", "show_candidate", "platform", candidate_ref="C-1", candidate_name="Camille Roux")
    site.signing_key.unlink()
    with site.at("2021-04-01T09:00:00Z").running() as daemon:
        daemon.wait_for("deadline.fired")
        daemon.wait_for("seal.failed")
        daemon.stop()
    assert site.count("seal") == 0

"""Wiring only: the plugin, and the fixtures that checks take."""

pytest_plugins = [
    "rehearsal.plugin",
    "fixtures.evidence",
    "fixtures.clock",
    "fixtures.coverage",
    "fixtures.places",
    "fixtures.gateway",
    "fixtures.history",
    "fixtures.images",
    "fixtures.live_backups",
    "fixtures.replica",
    "fixtures.runbook",
]

"""A live host, looked at and never touched: `with open_live("ssh://operator@gw1", gateway) as target: …`."""

from rehearsal.live.host import expand
from rehearsal.live.target import LiveTarget, open_live

__all__ = ["LiveTarget", "expand", "open_live"]

"""What the nginx of a replica of processes was built without, and official images have: settings that it would refuse.

They are left out of the replica's own copy; none of them decides who gets in or where a request goes.
"""

from __future__ import annotations

import re

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.nginx_files import settings_of_nginx

_UNKNOWN = (
    "gzip_static|gunzip|sub_filter(?:_once|_types|_last_modified)?|random_index|mp4|flv|slice|dav_methods|http3|http3_hq"
    "|quic_(?:retry|gso)"
)
REPLACEMENTS = (
    # A page of figures: what it says of them is nobody's promise.
    (r"(?m)^([^#\n]*[\s{;]|)stub_status\b[^;\n]*;", r'\g<1>return 200 "Active connections: 1\\n";'),
    (rf"(?m)^([^#\n]*[\s{{;]|)(?:{_UNKNOWN})\s[^;\n]*;", r"\g<1>"),
    (r"(?m)^([^#\n]*[\s{;]|)listen\s[^;\n]*\squic\b[^;\n]*;", r"\g<1>"),
)


def lacks_some(gateway: Gateway) -> bool:
    """Tell whether the gateway's settings ask for any of it."""
    return any(re.search(pattern, text) for text in settings_of_nginx(gateway) for pattern, _ in REPLACEMENTS)

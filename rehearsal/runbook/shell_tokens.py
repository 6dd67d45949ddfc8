"""The tokens of a shell, as far as is needed to see where a command ends."""

from __future__ import annotations

import re

CODE = re.compile(
    r"""
      (?P<blank>    [ \t\r\f\v]+ | \\\n | \\\Z )
    | (?P<escape>   \\. )
    | (?P<quoted>   '[^']*' | \$'(?:[^'\\]|\\.)*' )
    | (?P<unclosed> \$?' )
    | (?P<string>   \$?" )
    | (?P<tick>     ` )
    | (?P<here>     <<<? -? )
    | (?P<open>     \$\(\( | \(\( | \$\{ | \$\( | [<>]\( )
    | (?P<redirect> >\| | [<>]& | &>>? )
    | (?P<function> \([ \t]*\) )
    | (?P<group>    [()] )
    | (?P<newline>  \n )
    | (?P<then>     && | \|\|? &? )
    | (?P<end>      ;;&? | ;& | ; | & )
    | (?P<word>     [^\s'"\\`$()<>|&;]+ )
    | (?P<other>    . )
    """,
    re.VERBOSE | re.DOTALL,
)

INSIDE = {
    '"': re.compile(
        r"""(?P<plain>[^"\\$`]+)|(?P<escape>\\.)|(?P<close>")|(?P<open>\$\(\(|\$\{|\$\()|(?P<tick>`)|(?P<other>.)""",
        re.DOTALL,
    ),
    "${": re.compile(
        r"""(?P<plain>[^}"'\\$`]+)|(?P<escape>\\.)|(?P<close>\})|(?P<string>")|(?P<quoted>'[^']*')"""
        r"""|(?P<open>\$\(\(|\$\{|\$\()|(?P<tick>`)|(?P<other>.)""",
        re.DOTALL,
    ),
}
"""What may stand inside a double-quoted string and inside `${…}`, where newlines and comments mean nothing."""

CLOSERS = {'$"': '"', "((": "))", "$((": "))", "$(": ")", "<(": ")", ">(": ")"}
"""What closes what opens a level; the others are closed by themselves."""

HERE_WORD = re.compile(r"""[ \t]*((?:\\.|'[^'\n]*'|"[^"\n]*"|[^\s'"\\;|&<>()])+)""")
"""The delimiter of a here-document, after `<<`."""

"""The error of damage that has nothing to hit."""


class NothingToDamageError(Exception):
    """A store with nothing in it: damage would not show, and a drill would prove nothing."""

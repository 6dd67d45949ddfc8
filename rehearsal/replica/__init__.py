"""Makes a running, throwaway replica from a gateway directory."""

from __future__ import annotations

# Not imported: what runs inside a replica passes through this package, and has to start in milliseconds.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from rehearsal.gateway.description import Gateway
    from rehearsal.replica.protocol import Replica


def open_replica(gateway: Gateway, *, whole: bool = True) -> Replica:
    """Start a replica of the kind that gateway.toml asks for; close it when done.

    Raises ReplicaError; where not the `whole` is asked for, a service of the gateway that does not come up is told by
    the replica's `troubles` instead, and the others can be looked at.
    """
    # Imported here for the same reason.
    from rehearsal.replica import choice  # noqa: PLC0415

    return choice.start(gateway, whole=whole)

"""Commands that stand in for Docker's and for redis-cli inside a replica. Standard library only: ~30 ms each."""

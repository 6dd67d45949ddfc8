"""What a drill plants in the stores to see it come back: hypothesis strategies, and a rich example of each.

Every content carries a sentinel, a text that stands nowhere else: a store that has it was filled by this drill.
"""

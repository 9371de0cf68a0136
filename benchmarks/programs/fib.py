"""Recursive calls and branches, no assignments: what a call costs."""


def fibonacci(n: int) -> int:
    """Calls and branches, nothing else."""
    if n < 2:
        return n
    return fibonacci(n - 1) + fibonacci(n - 2)


def run(size: int) -> int:
    """Make 1973 calls for each unit of size."""
    total = 0
    for _ in range(size):
        total += fibonacci(15)
    return total

"""Nested loops over integers and floats, with branches: what an assignment costs."""


def grid(rows: int, columns: int) -> float:
    """Walk a grid, cell by cell."""
    total = 0
    mean = 0.0
    for row in range(rows):
        weight = row * 0.5
        for column in range(columns):
            total = total + row * column
            if total % 3 == 0:
                total = total - 1
            elif column > row:
                mean = mean * 0.875 + weight
    return total + mean


def run(size: int) -> float:
    """Walk one grid of 3600 cells for each unit of size."""
    result = 0.0
    for _ in range(size):
        result = result + grid(60, 60)
    return result

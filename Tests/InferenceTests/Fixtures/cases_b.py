"""Cases of the element-wise, shape, reduction, matrix, quantisation and resize operators."""


def cases(c):
    """Adds them all."""

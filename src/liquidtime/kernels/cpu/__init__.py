"""The kernels in Numba. Only `backend` is for the outside; importing it brings Numba."""

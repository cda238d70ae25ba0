"""The kernels in Triton. Only `backend` is for the outside; importing it brings Triton."""

"""What kernels share: windows by blocks, moments, extremes, sorting; all of it is compiled."""

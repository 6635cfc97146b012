"""Makes the npy and npz fixtures: python make.py (NumPy 2; any version gives the same bytes but for the zip dates)."""
import os
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
ramp = np.arange(24, dtype=np.float32).reshape(2, 3, 4) * 0.5 - 3
np.save(f"{here}/ramp_f4.npy", ramp)
np.save(f"{here}/ramp_big_endian_f8.npy", ramp.astype(">f8"))
np.save(f"{here}/fortran.npy", np.asfortranarray(ramp))
np.savez(f"{here}/several.npz", ramp=ramp, ids=np.array([1, -2, 3], np.int64), flag=np.array(True), none=np.zeros((0, 5), np.uint8))
np.savez_compressed(f"{here}/compressed.npz", ramp=ramp)
print("numpy", np.__version__)

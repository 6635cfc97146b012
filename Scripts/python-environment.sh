# Sourced by the scripts that compare with other engines: sets $python to one that has the packages of
# Benchmarks/requirements.txt. That is $FOVEA_VENV's, or that of a virtual environment in $XDG_CACHE_HOME/fovea, which is made
# when it is missing (several GB, once).
environment=${FOVEA_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/fovea/python}
python=$environment/bin/python
if ! "$python" -c "import $packages" 2>/dev/null; then
  if [ -n "${FOVEA_VENV:-}" ]; then
    echo "$FOVEA_VENV lacks one of: $packages; install Benchmarks/requirements.txt there, or unset FOVEA_VENV" >&2
    exit 1
  fi
  echo "making a virtual environment in $environment"
  python3 -m venv "$environment" || {
    echo "python3 cannot make a virtual environment; install python3-venv" >&2
    exit 1
  }
  # PyTorch's own index has builds without CUDA, a tenth of the size.
  wheels=https://download.pytorch.org/whl/cpu
  index=(--extra-index-url "$wheels")
  curl -fsI --max-time 10 "$wheels/torch/" >/dev/null 2>&1 || index=()
  "$python" -m pip install --quiet "${index[@]}" -r Benchmarks/requirements.txt || {
    echo "cannot install Benchmarks/requirements.txt; set FOVEA_VENV to an environment that has it" >&2
    exit 1
  }
fi

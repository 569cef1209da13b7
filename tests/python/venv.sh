# To be sourced. `python_with MODULES REQUIREMENTS` sets `python` to an interpreter under target/ that has them.
python_with() {
    tests=$(cd "$(dirname "$0")/.." && pwd)
    venv=$(dirname "$tests")/target/python-venv
    python=$venv/bin/python
    if [ ! -x "$python" ]; then
        mkdir -p "$(dirname "$venv")"
        python3 -m venv "$venv"
    fi
    "$python" -c "import $1" 2>/dev/null ||
        "$python" -m pip install --quiet --disable-pip-version-check -r "$2"
}

"""python -m benchmarks; see command.py."""

import sys

if __name__ == "__main__":
    try:
        from benchmarks.command import main
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        print(f'python -m benchmarks needs {missing}: pip install "numpy_nn[bench]"', file=sys.stderr)
        sys.exit(2)
    sys.exit(main())

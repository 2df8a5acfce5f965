# run: the portal on this machine. test, lint, bench, soak, vendor: for those who change it. See README.md.
# make run PORT=8001, make run FRESH=1, make run EMPTY=1, make test ARGS="tests/desk -k home"

PORT ?= 8000
export PORT FRESH EMPTY

# The first Python from 3.11 on that can make virtual environments, else python3, whose bootstrap says what is missing.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && exit; \
	done; echo python3)
VENV := .venv/bin/python

.PHONY: run test lint bench soak vendor with-services
.SILENT:

run: export XIANGZHI_STARTED := $(shell date +%s)
run:
	$(PYTHON) scripts/bootstrap.py run
	exec $(VENV) scripts/run.py

test:
	$(PYTHON) scripts/bootstrap.py dev
	exec $(VENV) scripts/test.py $(ARGS)

lint:
	$(PYTHON) scripts/bootstrap.py dev
	exec $(VENV) scripts/lint.py

bench:
	$(PYTHON) scripts/bootstrap.py dev
	exec $(VENV) scripts/with_services.py --durable python scripts/bench.py $(ARGS)

# Long runs that look for what only time shows: make soak ARGS="run --seconds 120 --messages 200 --kills 2"
soak:
	$(PYTHON) scripts/bootstrap.py dev
	exec $(VENV) scripts/soak.py $(ARGS)

# Any command with PostgreSQL and Redis up: make with-services CMD="python manage.py shell"
with-services:
	$(PYTHON) scripts/bootstrap.py dev
	exec $(VENV) scripts/with_services.py $(CMD)

vendor:
	$(PYTHON) scripts/bootstrap.py dev
	exec $(VENV) scripts/vendor.py

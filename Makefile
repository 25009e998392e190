# SPDX-License-Identifier: GPL-2.0-only
# The whole build. Targets marked "in the tools tree" need nothing but what "make deps" installs;
# the plain ones (tool, module, install) use this machine's compiler, libraries and kernel headers.
MAKEFLAGS += --no-print-directory
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
OUT ?= out
VERSION := 0.1.0

prefix ?= /usr
bindir ?= $(prefix)/bin
mandir ?= $(prefix)/share/man
dracutdir ?= $(prefix)/lib/dracut/modules.d/90ukiblk
# Debian before 12 may still have a /lib of its own.
moduledir ?= $(if $(shell test -L /lib && echo merged),/usr)/lib/modules/$(KVER)/updates
DESTDIR ?=
KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build

.PHONY: help
help:
	@awk -F ':.*## ' '/^[a-z][a-z_-]*:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  make check-SUITE        one of: $(CHECKS)"
	@echo
	@echo "Variables: IMAGE=rescue|FOLDER MODE=auto|embedded|split OUT=$(OUT) V=1 DESTDIR= KDIR= KVER="
	@echo "           COMPRESSION= CHUNK_SIZE= MAX_SIZE= SEED= FEC= SIGN_KEY= SIGN_CERT= MODULE_SIGNATURE= (make image)"
	@echo "           UKIBLK_CACHE=DIR UKIBLK_MIRROR=URL"

include build/tool.mk
include build/stage.mk
include tests/tests.mk

.PHONY: clean
clean: ## remove what was built here (not the cache)
	$(Q)rm -rf $(OUT)

.PHONY: clean-cache
clean-cache: ## remove the cached trees
	$(Q)build/tree remove

# SPDX-License-Identifier: GPL-2.0-only
# What runs in the tools tree, on any Debian 12 or 13: staged installation, images, the demo.
IMAGE ?= rescue
MODE ?= auto
# Options of "ukiblk build" as variables: make image COMPRESSION=lz4 SIGN_KEY=db.key SIGN_CERT=db.crt
IMAGE_OPTIONS = $(if $(COMPRESSION),--compression $(COMPRESSION)) $(if $(CHUNK_SIZE),--chunk-size $(CHUNK_SIZE)) \
	$(if $(MAX_SIZE),--max-size $(MAX_SIZE)) $(if $(SEED),--seed $(SEED)) \
	$(if $(FEC),--fec=$(FEC))
IMAGE_SIGN = $(if $(SIGN_KEY),--sign-key $(SIGN_KEY)) $(if $(SIGN_CERT),--sign-cert $(SIGN_CERT)) \
	$(if $(MODULE_SIGNATURE),--module-signature $(MODULE_SIGNATURE))
STAGE := $(OUT)/stage

.PHONY: deps
deps: ## install what this machine needs (Debian packages)
	$(Q)build/deps

.PHONY: tools-tree
tools-tree: deps ## make the tools tree (cached)
	$(Q)build/tree tools

# The tree's kernel is the one kernel that images get.
.PHONY: stage
stage: deps ## build tool, module and dracut module in the tools tree, into out/stage
	@echo "ukiblk: building the tool and the kernel module; seconds (and the tools tree the first time)" >&2
	$(Q)build/run sh -c 'kver=$$(ls /usr/lib/modules | head -n 1) && \
		$(MAKE) OUT=$(OUT)/tree KVER=$$kver tool module && rm -rf $(STAGE).new && \
		$(MAKE) OUT=$(OUT)/tree KVER=$$kver DESTDIR=$(STAGE).new SIGN_KEY= install modules_install && \
		rm -rf $(STAGE) && mv $(STAGE).new $(STAGE)'

.PHONY: image
image: stage ## build out/NAME.efi [and .erofs] of IMAGE=, MODE=auto|embedded|split
	@echo "ukiblk: building the image $(IMAGE): root tree, initrd, archive; 1 to 3 minutes" >&2
	$(Q)build/image $(IMAGE_SIGN) $(IMAGE) $(MODE) -- $(IMAGE_OPTIONS)

.PHONY: demo
demo: ## everything from nothing: build the rescue image and boot it in this terminal
	$(Q)$(MAKE) image IMAGE=rescue
	@echo "ukiblk: booting the image in a virtual machine. About a minute to the prompt without KVM. Leave with \"poweroff\", or Ctrl-A X." >&2
	$(Q)build/vm $(OUT)/rescue.efi $$(find $(OUT) -maxdepth 1 -name 'rescue.erofs*')

# SPDX-License-Identifier: GPL-2.0-only
# The tool, the module and their installation, with this machine's own compiler and headers.
CC ?= gcc
PACKAGES := libcryptsetup devmapper blkid mount libudev libcrypto json-c
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wundef \
	-Wwrite-strings -Wvla -Wcast-align -Wimplicit-fallthrough -Wformat=2 -Wno-format-truncation
TOOL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DUKIBLK_VERSION='"$(VERSION)"' -Iuserspace $(WARNINGS) \
	$(shell pkg-config --cflags $(PACKAGES)) $(CFLAGS)
TOOL_LIBS = $(shell pkg-config --libs $(PACKAGES))
# The keeper is a program of its own, linked to nothing; what it shares is pure. The tool writes the keeper's file.
KEEPER_SOURCES := $(sort $(wildcard userspace/keeper/*.c)) $(addprefix userspace/,base/clock.c base/error.c base/escape.c base/io.c \
	base/progress.c base/text.c format/fat.c locate/readahead.c)
KEEPER_OBJECTS := $(KEEPER_SOURCES:userspace/%.c=$(OUT)/obj/%.o)
TOOL_SOURCES := $(filter-out userspace/keeper/%,$(sort $(wildcard userspace/*/*.c))) userspace/keeper/conf.c
TOOL_OBJECTS := $(TOOL_SOURCES:userspace/%.c=$(OUT)/obj/%.o)

.PHONY: tool
tool: $(OUT)/ukiblk $(OUT)/ukiblk-keeper ## build the tool "ukiblk" and the program "ukiblk-keeper"

$(OUT)/ukiblk: $(TOOL_OBJECTS)
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TOOL_LIBS)

$(OUT)/ukiblk-keeper: $(KEEPER_OBJECTS)
	@echo "  LD      $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -static -o $@ $^

$(OUT)/obj/%.o: userspace/%.c build/tool.mk
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(TOOL_CFLAGS) -MMD -MP -c -o $@ $<
-include $(sort $(TOOL_OBJECTS:.o=.d) $(KEEPER_OBJECTS:.o=.d))

# kbuild writes beside the sources: it gets a copy of them, one for each kernel.
MODULE := $(OUT)/kmod-$(KVER)/kmod/ukiblk.ko

.PHONY: module
module: $(MODULE) ## build the kernel module for KVER (or KDIR)

$(MODULE): Kbuild $(shell find kmod -type f)
	@echo "  MODULE  $@"
	@mkdir -p $(OUT)/kmod-$(KVER)
	$(Q)cp -a Kbuild kmod $(OUT)/kmod-$(KVER)
	$(Q)$(MAKE) -C $(KDIR) M=$(abspath $(OUT)/kmod-$(KVER)) modules $(if $(filter 1,$(V)),V=1,>$(OUT)/kmod-$(KVER)/log 2>&1 || { cat $(OUT)/kmod-$(KVER)/log; false; })

# Manual pages are written in Markdown; the format's page is FORMAT.md itself.
MAN_PAGES := ukiblk.8 ukiblk.cmdline.7 ukiblk-security.7 ukiblk-format.5

.PHONY: man
man: $(MAN_PAGES:%=$(OUT)/man/%) ## make the manual pages

$(OUT)/man/ukiblk-format.5: userspace/format/FORMAT.md build/tool.mk
	@mkdir -p $(@D)
	$(Q)lowdown -s -Tman --out-no-smarty -M title=UKIBLK-FORMAT -M section=5 -M source=ukiblk -M volume="ukiblk manual" -o $@ $<
$(OUT)/man/%: userspace/man/%.md build/tool.mk
	@mkdir -p $(@D)
	$(Q)lowdown -s -Tman --out-no-smarty -o $@ $<

.PHONY: install
install: man tool ## install tool, dracut module, manual pages, completion (DESTDIR=)
	$(Q)install -D -m 755 $(OUT)/ukiblk $(DESTDIR)$(bindir)/ukiblk
	$(Q)install -D -m 755 $(OUT)/ukiblk-keeper $(DESTDIR)$(prefix)/lib/ukiblk/ukiblk-keeper
	$(Q)for page in $(MAN_PAGES); do install -D -m 644 $(OUT)/man/$$page $(DESTDIR)$(mandir)/man$${page##*.}/$$page; done
	$(Q)install -D -m 644 userspace/completions/ukiblk.bash $(DESTDIR)$(prefix)/share/bash-completion/completions/ukiblk
	$(Q)install -D -m 644 userspace/completions/_ukiblk $(DESTDIR)$(prefix)/share/zsh/vendor-completions/_ukiblk
	$(Q)install -d $(DESTDIR)$(dracutdir)
	$(Q)install -m 755 dracut-module/90ukiblk/*.sh $(DESTDIR)$(dracutdir)
	$(Q)install -m 644 dracut-module/90ukiblk/*.service dracut-module/90ukiblk/*.rules dracut-module/90ukiblk/*.conf $(DESTDIR)$(dracutdir)

# As the kernel's own: a signature if there is a key, and depmod unless it goes to another place.
.PHONY: modules_install
modules_install: $(MODULE) ## install the kernel module for KVER and run depmod (DESTDIR= SIGN_KEY= SIGN_CERT=)
	@echo "  INSTALL $(DESTDIR)$(moduledir)/ukiblk.ko"
	$(Q)install -D -m 644 $(MODULE) $(DESTDIR)$(moduledir)/ukiblk.ko
	$(Q)$(if $(SIGN_KEY),$(KDIR)/scripts/sign-file sha256 $(SIGN_KEY) $(SIGN_CERT) $(DESTDIR)$(moduledir)/ukiblk.ko)
	$(Q)$(if $(DESTDIR),,depmod $(KVER))

# SPDX-License-Identifier: GPL-2.0-only
# Test layers, quickest first. Every suite speaks TAP; tests/lib/harness sums up. What takes long has a
# short form in "make check" and its whole in "make check-long".
HARNESS := tests/lib/harness $(OUT)/results

SUITE_lint       := lint=tests/lint/run
SUITE_unit       := unit=tests/unit/run
SUITE_fuzz       := "fuzz=tests/fuzz/run $(or $(FUZZ_SECONDS),0)"
SUITE_man        := man=tests/man/run
SUITE_tool       := tool=tests/tool/run
SUITE_memory     := "memory=tests/memory/run short"
SUITE_build      := tree=tests/build/tree kernels=tests/build/kernels vm=tests/build/vm
KERNELS          := $(shell awk '!/^\#/ && NF { print $$1 }' build/kernels.conf)
SUITE_kernel     := "kernel-$(firstword $(KERNELS))=tests/kernel/run $(firstword $(KERNELS))" \
	$(foreach kernel,$(wordlist 2,9,$(KERNELS)),"kernel-$(kernel)=tests/kernel/run $(kernel) smoke")
# "make check-kernel KERNEL=6.1 CASE=pull": one, all cases or some.
ifneq ($(KERNEL),)
SUITE_kernel     := "kernel-$(KERNEL)=tests/kernel/run $(KERNEL) $(CASE)"
endif
SUITES_KERNELS   := $(foreach kernel,$(KERNELS),"kernel-$(kernel)=tests/kernel/run $(kernel)")
SUITE_bench      := bench=tests/bench/check
SUITE_packaging  := packaging=tests/packaging/run
SUITE_boot       := "boot=tests/boot/run embedded split loop fallback hotplug superblock missing truncated root-hash page errors loop-superblock"
SUITE_carriers   := "carriers=tests/carriers/run short"
SUITE_keeper     := keeper=tests/keeper/run
SUITE_trust      := "trust=tests/boot/trust root-block-first superblock-last hostile slow"
SUITE_damage     := "damage=tests/boot/damage data tree beyond eio panic"
SUITE_running    := "running=env KILL_POINTS=2 tests/running/run absent ram-poweroff soft-reboot usable killed"
SUITE_ram        := "ram=tests/ram/run yes before pull damaged verbs"
SUITE_secureboot := "secureboot=tests/secureboot/run embedded modified no-shell"
SUITE_dracut     := "dracut=tests/dracut/run plain"
SUITE_user       := "user=tests/user/run refused run tree"
SUITE_nix        := nix=tests/nix/run
SUITE_image      := image=tests/image/run
SUITE_rescue     := rescue=tests/boot/rescue
SUITES_LONG      := carriers=tests/carriers/run damage=tests/boot/damage "memory=tests/memory/run long" boot=tests/boot/run trust=tests/boot/trust ram=tests/ram/run ram-pace=tests/ram/pace secureboot=tests/secureboot/run dracut=tests/dracut/run user=tests/user/run nix-image=tests/nix/image \
	$(foreach kernel,$(wordlist 2,9,$(KERNELS)),"kernel-$(kernel)=tests/kernel/run $(kernel)") \
	running=tests/running/run \
	keeper-rescue=tests/keeper/rescue "keeper-100=env UKIBLK_CYCLES=100 tests/keeper/run running" \
	"kernel-pull-6.12=env UKIBLK_CYCLES=50 UKIBLK_TIMEOUT=3000 tests/kernel/run 6.12 pull" \
	"kernel-pull-5.10=env UKIBLK_CYCLES=50 UKIBLK_TIMEOUT=3000 tests/kernel/run 5.10 pull" \
	"kernel-pull-7.x=env UKIBLK_CYCLES=50 UKIBLK_TIMEOUT=3000 tests/kernel/run 7.x pull" \
	desktop=tests/desktop/run "pictures=tests/pictures/run $(OUT)/pictures/made" "large-4=tests/boot/large 4" "large-8=tests/boot/large 8"

CHECKS := lint unit fuzz man tool memory build kernel bench packaging boot keeper ram running carriers damage trust secureboot dracut user nix image rescue
# These need no staged installation.
CHECKS_BARE := lint unit fuzz build bench packaging

.PHONY: check check-long $(CHECKS:%=check-%)
check: stage ## all tests, 30 to 45 minutes; the first run also makes the trees (5 minutes)
	@echo "ukiblk: running all tests; the virtual machines take most of the 30 to 45 minutes" >&2
	$(Q)$(HARNESS) $(foreach check,$(CHECKS),$(SUITE_$(check)))

check-long: stage ## what takes too long for every day: every boot, large archives, desktop, 100 pulls of the root's disk (hours)
	$(Q)$(HARNESS) $(SUITES_LONG)

# One of: lint unit fuzz man tool memory build kernel bench packaging boot keeper ram running carriers damage trust secureboot dracut user nix image rescue
$(CHECKS_BARE:%=check-%): tools-tree
$(filter-out $(CHECKS_BARE:%=check-%),$(CHECKS:%=check-%)): stage
$(CHECKS:%=check-%): check-%:
	$(Q)$(HARNESS) $(SUITE_$*)

.PHONY: check-kernels
check-kernels: stage ## the module on every kernel of build/kernels.conf, all cases (half an hour)
	$(Q)$(HARNESS) $(SUITES_KERNELS)

.PHONY: check-debug
check-debug: stage ## the module on a kernel with all checks, made from source (10 minutes, once): all cases (half an hour)
	$(Q)build/tree debug >/dev/null
	$(Q)$(HARNESS) kernel-source=tests/kernel/source "kernel-debug=tests/kernel/run debug $(CASE)"

.PHONY: fuzz
fuzz: tools-tree ## look for what breaks the parsers: 30 minutes for each, two at a time (FUZZ_SECONDS=)
	$(Q)$(HARNESS) "fuzz=tests/fuzz/run $(or $(FUZZ_SECONDS),1800)"

.PHONY: bench-block bench-build bench-boot bench-ram bench-verity
# "make bench-block KERNEL=7.x" on another kernel of build/kernels.conf.
bench-block: tools-tree ## reads through the module against dm-linear and loop, in counted instructions (5 to 10 minutes; KERNEL=)
	$(Q)tests/bench/block $(KERNEL)

bench-build: stage ## "pack" against mkfs.erofs and veritysetup by hand; the stages of a whole image
	$(Q)tests/bench/build

bench-boot: stage ## kernel start to root and login against systemd-veritysetup and dmsquash-live (2 hours)
	$(Q)tests/bench/boot

bench-ram: stage ## RAM mode against dracut's rd.live.ram (40 minutes; ROUNDS=)
	$(Q)tests/bench/ram $(ROUNDS)

bench-verity: stage ## the options of dm-verity, on a fast and on a slow disk (10 minutes)
	$(Q)tests/bench/verity

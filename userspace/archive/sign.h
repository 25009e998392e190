/* SPDX-License-Identifier: GPL-2.0-only */
/* Secure Boot: the signature of a finished .efi, by sbsign. It covers the archive, so it comes last. */
#pragma once

struct error;

/* Signs @unsigned_path with a PEM key and certificate; the result is @output. */
int sign_image(const char *unsigned_path, const char *key, const char *certificate, const char *output, struct error *error);

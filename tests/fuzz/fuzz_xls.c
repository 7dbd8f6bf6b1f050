/*
 * fuzz_xls.c - .xls files: compound files, and the workbooks inside them, which need no compound file round them.
 */
#include <stdint.h>

#include "tests/fuzz/read_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_list(data, size);
    return 0;
}

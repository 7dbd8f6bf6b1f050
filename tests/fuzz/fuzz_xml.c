/* fuzz_xml.c - XML that we and expat, and we in other pieces, must find the same in. */
#include <stdint.h>

#include "tests/xml_peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    xml_peer_compare(data, size);
    return 0;
}

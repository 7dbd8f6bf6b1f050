/*
 * compose_pictures.h - pictures as finished MIME parts. Private to compose.c and compose_pictures.c, which knows GMime.
 */
#ifndef POSTWELLE_IMPORTER_COMPOSE_PICTURES_H
#define POSTWELLE_IMPORTER_COMPOSE_PICTURES_H

#include "importer/compose.h"

struct compose_pictures {
    GPtrArray *parts; /* of GString: header fields, empty line, base64 body; CRLF line ends */
};

#endif

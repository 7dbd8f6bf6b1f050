/* error.c - one error domain for all programs; see error.h. */
#include "lib/error.h"

#include <errno.h>
#include <gio/gio.h>

GQuark error_quark(void)
{
    return g_quark_from_static_string("postwelle-error");
}

static int file_error_status(int code)
{
    switch (code) {
    case G_FILE_ERROR_NOENT:
    case G_FILE_ERROR_ISDIR:
    case G_FILE_ERROR_NOTDIR:
        return EX_NOINPUT;
    case G_FILE_ERROR_ACCES:
    case G_FILE_ERROR_PERM:
        return EX_NOPERM;
    default:
        return EX_IOERR;
    }
}

int error_exit_status(const GError *error)
{
    if (error == NULL)
        return 0;
    if (error->domain == POSTWELLE_ERROR)
        return error->code;
    if (error->domain == G_FILE_ERROR)
        return file_error_status(error->code);
    if (error->domain == G_OPTION_ERROR)
        return EX_USAGE;
    if (error->domain == G_KEY_FILE_ERROR)
        return EX_CONFIG;
    return EX_SOFTWARE;
}

gboolean error_is_temporary(const GError *error)
{
    switch (error_exit_status(error)) {
    case ERROR_UNAVAILABLE:
    case ERROR_SYSTEM:
    case ERROR_IO:
    case ERROR_TEMPORARY:
        return TRUE;
    default:
        return FALSE;
    }
}

static enum error_code code_of_errno(enum error_code code, int errnum)
{
    if (code != ERROR_SYSTEM)
        return code;
    switch (errnum) {
    case ENOENT:
        return ERROR_NO_INPUT;
    case EACCES:
    case EPERM:
        return ERROR_DENIED;
    case EIO:
    case ENOSPC:
    case EDQUOT:
        return ERROR_IO;
    default:
        return code;
    }
}

gboolean error_from_errno(GError **error, enum error_code code, int errnum, const char *what, ...)
{
    va_list args;
    va_start(args, what);
    g_autofree char *text = g_strdup_vprintf(what, args);
    va_end(args);
    g_set_error(error, POSTWELLE_ERROR, (int)code_of_errno(code, errnum), "%s: %s", text, g_strerror(errnum));
    return FALSE;
}

gboolean error_set(GError **error, enum error_code code, const char *text, ...)
{
    va_list args;
    va_start(args, text);
    g_autofree char *message = g_strdup_vprintf(text, args);
    va_end(args);
    g_set_error_literal(error, POSTWELLE_ERROR, (int)code, message);
    return FALSE;
}

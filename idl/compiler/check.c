/* SPDX-License-Identifier: MIT */
/* check.c - all checks of a file, in order; see check.h. */
#include "check.h"

static void check_decl(struct checker *checker, struct decl *decl)
{
    switch (decl->kind) {
    case DECL_STRUCT:
        check_struct(checker, decl);
        break;
    case DECL_TYPE:
        check_type(checker, decl);
        break;
    case DECL_INTERFACE:
        check_interface(checker, decl);
        break;
    case DECL_ENUM:
    case DECL_ERROR:
        break;
    }
}

void check_unit(struct unit *unit, struct arena *arena, struct diag *diag)
{
    struct checker checker = {unit, arena, diag, NULL, &unit->decls};

    check_names(&checker);
    while (*checker.link && !diag_is_full(diag)) {
        checker.current = *checker.link;
        check_decl(&checker, checker.current);
        checker.link = &checker.current->next;
    }
    if (diag->errors == 0)
        check_generated_names(&checker);
}

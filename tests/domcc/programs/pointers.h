/* SPDX-License-Identifier: MIT */
/* pointers.h - shared by the files of the program "pointers". */
#pragma once

typedef int (*operation)(int, int);

int add(int a, int b);
int subtract(int a, int b);
extern operation exported_table[3];
extern int plain_data[4];
int *data_address(void);
operation static_of_other(void);
operation pick(const char *name);
int call_local_of_other(int value);
void set_data_of_other(int value);

__attribute__((weak)) int absent(void);

/* SPDX-License-Identifier: MIT */
void copy(void *to, const void *from, unsigned long bytes);

void copy(void *to, const void *from, unsigned long bytes)
{
    /* EXPECT+1: function 'copy': string instruction: use memcpy */
    __asm__ volatile("rep movsb"
                     : "+D"(to), "+S"(from), "+c"(bytes)
                     :
                     : "memory");
}

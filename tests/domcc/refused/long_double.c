/* SPDX-License-Identifier: MIT */
extern long double total;
void add(double value);

void add(double value)
{
    total += value; /* EXPECT: error: x87 */
}

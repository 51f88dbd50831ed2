/* What any program that is linked with libc costs: the measure for commands that do one thing. */
int main(void)
{
	return 0;
}

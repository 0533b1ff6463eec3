int noop_start(void)
{
	return 0;
}

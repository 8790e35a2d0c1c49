"""A page that hears emotion in the browser alone: a folder of files, without a server of ours."""

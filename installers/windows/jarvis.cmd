@"%~dp0python.exe" -I -m jarvis_desktop %*

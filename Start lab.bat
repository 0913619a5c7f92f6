@echo off
rem What a double click runs on Windows: opens the lab, and keeps the window open where that fails.
setlocal
title Social Pain Overlap
cd /d "%~dp0"

set "python="
for %%p in ("py -3" python3 python) do if not defined python (
    %%~p -c "import sys; sys.exit(sys.version_info < (3, 8))" >nul 2>nul && set "python=%%~p"
)
if not defined python (
    echo No Python 3.8 or newer was found. Please install Python 3.11 and start again.
    pause
    exit /b 1
)

%python% lab.py %*
set "code=%errorlevel%"
rem 3 means stopped on purpose, with the data kept.
if not "%code%"=="0" if not "%code%"=="3" (
    echo.
    echo The lab did not start or ended with an error, code %code%.
    pause
)
exit /b %code%

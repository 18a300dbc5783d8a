# Builds the installer for Windows: powershell -ExecutionPolicy Bypass -File installers\windows\build.ps1
# Needs Python from python.org (it can be moved) and Inno Setup 6 (iscc.exe in the PATH).
# To sign, name the certificate: $env:JARVIS_SIGN = "signtool sign /n ""Your name"" /fd SHA256 /tr http://... /td SHA256 `$f"
$ErrorActionPreference = "Stop"
$Root = Resolve-Path (Join-Path $PSScriptRoot "..\..")
$Python = Join-Path $Root ".venv\Scripts\python.exe"
$Stage = Join-Path $Root "build\windows"

function Invoke-Step {
    param([string]$Program, [string[]]$Arguments)
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Program ended with status $LASTEXITCODE" }
}

if (-not (Test-Path $Python)) {
    throw "There is no environment yet. Set it up with: py -3 installers\bootstrap.py run --headless"
}
if (Test-Path $Stage) { Remove-Item -Recurse -Force $Stage }
New-Item -ItemType Directory -Force $Stage | Out-Null
Invoke-Step $Python @((Join-Path $Root "installers\portable.py"), (Join-Path $Stage "Jarvis"))
Invoke-Step $Python @((Join-Path $Root "installers\icon.py"), (Join-Path $Stage "jarvis.ico"), "256")
$Version = (& $Python -c "import jarvis_desktop; print(jarvis_desktop.__version__)").Trim()
$Options = @("/DVersion=$Version", "/DStage=$Stage", "/O$(Join-Path $Root 'dist')")
if ($env:JARVIS_SIGN) { $Options += @("/Sjarvis=$env:JARVIS_SIGN", "/DSign=jarvis") }
Invoke-Step "iscc.exe" ($Options + (Join-Path $PSScriptRoot "jarvis.iss"))

; Installs what build.ps1 laid out, for one user and without asking for an administrator.
; The uninstaller removes the program; conversations, memory and models stay in %LOCALAPPDATA%\jarvis-desktop.

[Setup]
AppId={{6C1B2E0A-5A4E-4E0E-9E55-6A2B1C8B7D43}
AppName=Jarvis
AppVersion={#Version}
AppPublisher=The Jarvis Desktop contributors
DefaultDirName={autopf}\Jarvis
DefaultGroupName=Jarvis
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0
LicenseFile=..\..\LICENSE
InfoBeforeFile=..\..\NOTICE
SetupIconFile={#Stage}\jarvis.ico
UninstallDisplayIcon={app}\jarvis.ico
OutputBaseFilename=Jarvis-{#Version}-setup
Compression=lzma2
SolidCompression=yes
WizardStyle=modern
CloseApplications=yes
#ifdef Sign
SignTool={#Sign}
SignedUninstaller=yes
#endif

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "es"; MessagesFile: "compiler:Languages\Spanish.isl"

[CustomMessages]
en.Desktop=Put Jarvis on the desktop
es.Desktop=Poner Jarvis en el escritorio

[Tasks]
Name: "desktop"; Description: "{cm:Desktop}"; Flags: unchecked

[Files]
Source: "{#Stage}\Jarvis\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs
Source: "{#Stage}\jarvis.ico"; DestDir: "{app}"; Flags: ignoreversion
Source: "jarvis.cmd"; DestDir: "{app}"; Flags: ignoreversion
Source: "..\..\LICENSE"; DestDir: "{app}"; DestName: "LICENSE.txt"; Flags: ignoreversion
Source: "..\..\NOTICE"; DestDir: "{app}"; DestName: "NOTICE.txt"; Flags: ignoreversion

[Icons]
Name: "{group}\Jarvis"; Filename: "{app}\pythonw.exe"; Parameters: "-I -m jarvis_desktop run"; IconFilename: "{app}\jarvis.ico"
Name: "{autodesktop}\Jarvis"; Filename: "{app}\pythonw.exe"; Parameters: "-I -m jarvis_desktop run"; IconFilename: "{app}\jarvis.ico"; Tasks: desktop

[InstallDelete]
Type: filesandordirs; Name: "{app}\Lib"

[UninstallDelete]
Type: filesandordirs; Name: "{app}\Lib"

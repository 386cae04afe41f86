; Installer for Windows, for Inno Setup 6.3 or newer. Never compiled or run yet: see docs/windows.md.
;   make freeze (on Windows), then: iscc /DVersion=0.1.0 packaging\windows\onvio-agent.iss
#ifndef Version
  #error give /DVersion=…
#endif

[Setup]
AppId=onvio-agent
AppName=ONVIO agent
AppVersion={#Version}
AppPublisher=onvio-agent maintainers
DefaultDirName={autopf}\onvio-agent
DisableProgramGroupPage=yes
; Without rights for the user alone; with /ALLUSERS for the machine.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=commandline dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
; The restart manager ends what runs from the folder before it is replaced; the agent has no window that it could ask.
CloseApplications=force
RestartApplications=no
OutputDir=..\..\dist
OutputBaseFilename=onvio-agent-{#Version}-setup
Compression=lzma2
SolidCompression=yes

[Languages]
Name: "pt_BR"; MessagesFile: "compiler:Languages\BrazilianPortuguese.isl"
Name: "en"; MessagesFile: "compiler:Default.isl"

[Files]
Source: "..\..\dist\onvio-agent\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{autoprograms}\ONVIO"; Filename: "{app}\onvio-tray.exe"; Parameters: "--with-agent"

[Run]
Filename: "{app}\onvio-agent.exe"; Parameters: "autostart on --all-users"; Flags: runhidden; Check: IsAdminInstallMode
Filename: "{app}\onvio-agent.exe"; Parameters: "autostart on"; Flags: runhidden; Check: not IsAdminInstallMode
Filename: "{app}\onvio-tray.exe"; Parameters: "--with-agent"; Flags: nowait postinstall skipifsilent runasoriginaluser

[UninstallRun]
Filename: "{app}\onvio-agent.exe"; Parameters: "stop --force"; Flags: runhidden; RunOnceId: "stop"
Filename: "{app}\onvio-agent.exe"; Parameters: "autostart off --all-users"; Flags: runhidden; Check: IsAdminInstallMode; RunOnceId: "offall"
Filename: "{app}\onvio-agent.exe"; Parameters: "autostart off"; Flags: runhidden; Check: not IsAdminInstallMode; RunOnceId: "off"

[Code]
{ An upgrade: a clean end for the agent of whoever installs; the first time there is none to call. }
function PrepareToInstall(var NeedsRestart: Boolean): String;
var
  Code: Integer;
begin
  Exec(ExpandConstant('{app}\onvio-agent.exe'), 'stop --force', '', SW_HIDE, ewWaitUntilTerminated, Code);
  Result := '';
end;

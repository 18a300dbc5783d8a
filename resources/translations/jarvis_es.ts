<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es" sourcelanguage="en">
    <context>
        <name>window</name>
        <message>
            <source>About Jarvis</source>
            <translation>Acerca de Jarvis</translation>
        </message>
        <message>
            <source>Version {version}</source>
            <translation>Versión {version}</translation>
        </message>
        <message>
            <source>A voice assistant that lives on this computer.</source>
            <translation>Un asistente de voz que vive en este equipo.</translation>
        </message>
        <message>
            <source>Apache License 2.0. Parts of it are under other terms, see NOTICE.</source>
            <translation>Licencia Apache 2.0. Algunas partes tienen otras condiciones, mira NOTICE.</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Cerrar</translation>
        </message>
        <message>
            <source>Open its page</source>
            <translation>Abrir su página</translation>
        </message>
        <message>
            <source>Version {version} is installed. Quit Jarvis and start it again.</source>
            <translation>La versión {version} está instalada. Sal de Jarvis y ábrelo de nuevo.</translation>
        </message>
        <message>
            <source>Jarvis knows no place to ask. Look where you got it from, or see Settings, Updates.</source>
            <translation>Jarvis no tiene dónde preguntar. Mira donde lo conseguiste, o en Ajustes, Actualizaciones.</translation>
        </message>
        <message>
            <source>Asking …</source>
            <translation>Preguntando…</translation>
        </message>
        <message>
            <source>Check for updates</source>
            <translation>Buscar actualizaciones</translation>
        </message>
        <message>
            <source>Version {version} is there.</source>
            <translation>Hay una versión {version}.</translation>
        </message>
        <message>
            <source>This is the newest version.</source>
            <translation>Esta es la versión más nueva.</translation>
        </message>
        <message>
            <source>Copied</source>
            <translation>Copiado</translation>
        </message>
        <message>
            <source>Jarvis goes on here. Quit it from this icon's menu.</source>
            <translation>Jarvis sigue aquí. Para cerrarlo, usa el menú de este icono.</translation>
        </message>
        <message>
            <source>Jarvis keeps running while its window is closed. Ctrl+Q quits it.</source>
            <translation>Jarvis sigue en marcha con la ventana cerrada. Ctrl+Q lo cierra.</translation>
        </message>
        <message>
            <source>{count} characters were read</source>
            <translation>Se leyeron {count} caracteres</translation>
        </message>
        <message>
            <source>Pasted text</source>
            <translation>Texto pegado</translation>
        </message>
        <message>
            <source>What was read of {name}</source>
            <translation>Lo leído de {name}</translation>
        </message>
        <message>
            <source>Open the file</source>
            <translation>Abrir el archivo</translation>
        </message>
        <message>
            <source>Jarvis reads all of it with every question in this chat.</source>
            <translation>Jarvis lo lee entero con cada pregunta de este chat.</translation>
        </message>
        <message>
            <source>Take {name} out of this chat</source>
            <translation>Quitar {name} de este chat</translation>
        </message>
        <message>
            <source>Show what was read</source>
            <translation>Ver lo leído</translation>
        </message>
        <message>
            <source>Keep in memory …</source>
            <translation>Guardar en la memoria…</translation>
        </message>
        <message>
            <source>Take out of this chat</source>
            <translation>Quitar de este chat</translation>
        </message>
        <message>
            <source>Files of this chat</source>
            <translation>Archivos de este chat</translation>
        </message>
        <message>
            <source>is being read …</source>
            <translation>se está leyendo…</translation>
        </message>
        <message>
            <source>A question waits until it is read.</source>
            <translation>Una pregunta espera hasta que se haya leído.</translation>
        </message>
        <message>
            <source>not read</source>
            <translation>no leído</translation>
        </message>
        <message>
            <source>{size}, read in parts</source>
            <translation>{size}, se lee por partes</translation>
        </message>
        <message>
            <source>It is too long to be read whole. For each question Jarvis reads the parts that fit it best.</source>
            <translation>Es demasiado largo para leerlo entero. Para cada pregunta Jarvis lee las partes que más se acercan.</translation>
        </message>
        <message>
            <source>Which files shall Jarvis read in this chat?</source>
            <translation>¿Qué archivos debe leer Jarvis en este chat?</translation>
        </message>
        <message>
            <source>Drop here, and Jarvis will read it in this chat.</source>
            <translation>Suéltalo aquí y Jarvis lo leerá en este chat.</translation>
        </message>
        <message>
            <source>Audio doctor</source>
            <translation>Doctor de audio</translation>
        </message>
        <message>
            <source>Speak while this window is open. Jarvis does not answer meanwhile, and nothing that is recorded is kept.</source>
            <translation>Habla mientras esta ventana está abierta. Mientras tanto Jarvis no responde, y no se guarda nada de lo grabado.</translation>
        </message>
        <message>
            <source>Devices</source>
            <translation>Dispositivos</translation>
        </message>
        <message>
            <source>Level</source>
            <translation>Nivel</translation>
        </message>
        <message>
            <source>Why doesn't Jarvis hear me?</source>
            <translation>¿Por qué no me oye Jarvis?</translation>
        </message>
        <message>
            <source>Tests</source>
            <translation>Pruebas</translation>
        </message>
        <message>
            <source>Dismiss</source>
            <translation>Descartar</translation>
        </message>
        <message>
            <source>You</source>
            <translation>Tú</translation>
        </message>
        <message>
            <source>Jarvis</source>
            <translation>Jarvis</translation>
        </message>
        <message>
            <source>What is heard now</source>
            <translation>Lo que suena ahora</translation>
        </message>
        <message>
            <source>forgotten</source>
            <translation>olvidado</translation>
        </message>
        <message>
            <source>Source {number}: {name}</source>
            <translation>Fuente {number}: {name}</translation>
        </message>
        <message>
            <source>Allow</source>
            <translation>Permitir</translation>
        </message>
        <message>
            <source>Only this</source>
            <translation>Solo esto</translation>
        </message>
        <message>
            <source>Don't allow</source>
            <translation>No permitir</translation>
        </message>
        <message>
            <source>made: {day}</source>
            <translation>creada: {day}</translation>
        </message>
        <message>
            <source>{program} wants to use Jarvis</source>
            <translation>{program} quiere usar Jarvis</translation>
        </message>
        <message>
            <source>It asks for: {things}</source>
            <translation>Pide: {things}</translation>
        </message>
        <message>
            <source>Everything</source>
            <translation>Todo</translation>
        </message>
        <message>
            <source>Programs of yours that read the token file</source>
            <translation>Programas tuyos que leen el archivo de la clave</translation>
        </message>
        <message>
            <source>last used: {day}</source>
            <translation>último uso: {day}</translation>
        </message>
        <message>
            <source>never used</source>
            <translation>sin usar</translation>
        </message>
        <message>
            <source>A program wants to use Jarvis</source>
            <translation>Un programa quiere usar Jarvis</translation>
        </message>
        <message>
            <source>It has read the token file.</source>
            <translation>Ha leído el archivo de la clave.</translation>
        </message>
        <message>
            <source>It has the token “{name}”.</source>
            <translation>Tiene la clave «{name}».</translation>
        </message>
        <message>
            <source>Answers</source>
            <translation>Respuestas</translation>
        </message>
        <message>
            <source>Embeddings</source>
            <translation>Vectores de texto</translation>
        </message>
        <message>
            <source>Transcription</source>
            <translation>Transcripción</translation>
        </message>
        <message>
            <source>Speech</source>
            <translation>Voz</translation>
        </message>
        <message>
            <source>What Jarvis remembers</source>
            <translation>Lo que Jarvis recuerda</translation>
        </message>
        <message>
            <source>Longer tasks</source>
            <translation>Tareas más largas</translation>
        </message>
        <message>
            <source>List of models, and whether they are ready</source>
            <translation>Lista de modelos, y si están listos</translation>
        </message>
        <message>
            <source>Figures of use</source>
            <translation>Cifras de uso</translation>
        </message>
        <message>
            <source>Its token is also for: {things}</source>
            <translation>Su clave sirve también para: {things}</translation>
        </message>
        <message>
            <source>Not allowed</source>
            <translation>No permitido</translation>
        </message>
        <message>
            <source>Not asked about yet</source>
            <translation>Aún sin preguntar</translation>
        </message>
        <message>
            <source>Its token is for everything.</source>
            <translation>Su clave sirve para todo.</translation>
        </message>
        <message>
            <source>Process {number}.</source>
            <translation>Proceso {number}.</translation>
        </message>
        <message>
            <source>Who may ask</source>
            <translation>Quién puede pedir</translation>
        </message>
        <message>
            <source>Nobody yet.</source>
            <translation>Nadie todavía.</translation>
        </message>
        <message>
            <source>Let another program in …</source>
            <translation>Dejar entrar a otro programa…</translation>
        </message>
        <message>
            <source>Name of the program</source>
            <translation>Nombre del programa</translation>
        </message>
        <message>
            <source>It may ask for</source>
            <translation>Puede pedir</translation>
        </message>
        <message>
            <source>Make a token</source>
            <translation>Crear una clave</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancelar</translation>
        </message>
        <message>
            <source>Give it to the program now. It is not shown again.</source>
            <translation>Dásela ahora al programa. No se mostrará otra vez.</translation>
        </message>
        <message>
            <source>Token</source>
            <translation>Clave</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>Copiar</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>Listo</translation>
        </message>
        <message>
            <source>Revoke the token of {name}?</source>
            <translation>¿Retirar la clave de {name}?</translation>
        </message>
        <message>
            <source>What it is being answered ends at once, and it has to be let in anew.</source>
            <translation>Lo que se le está respondiendo termina al momento, y habrá que dejarlo entrar de nuevo.</translation>
        </message>
        <message>
            <source>Revoke</source>
            <translation>Retirar</translation>
        </message>
        <message>
            <source>The token of {name}</source>
            <translation>La clave de {name}</translation>
        </message>
        <message>
            <source>Programs find Jarvis at {address}</source>
            <translation>Los programas encuentran a Jarvis en {address}</translation>
        </message>
        <message>
            <source>Jarvis asks</source>
            <translation>Jarvis pregunta</translation>
        </message>
        <message>
            <source>Copy the code</source>
            <translation>Copiar el código</translation>
        </message>
        <message>
            <source>Talk, or type</source>
            <translation>Habla o escribe</translation>
        </message>
        <message>
            <source>Your question</source>
            <translation>Tu pregunta</translation>
        </message>
        <message>
            <source>What Jarvis hears</source>
            <translation>Lo que oye Jarvis</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>Enviar</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>Parar</translation>
        </message>
        <message>
            <source>Add files to this chat (Ctrl+O)</source>
            <translation>Añadir archivos a este chat (Ctrl+O)</translation>
        </message>
        <message>
            <source>Ask anything, or hold Space and talk</source>
            <translation>Pregunta, o mantén Espacio y habla</translation>
        </message>
        <message>
            <source>Speak replies aloud</source>
            <translation>Leer las respuestas en voz alta</translation>
        </message>
        <message>
            <source>Do not speak replies</source>
            <translation>No leer las respuestas en voz alta</translation>
        </message>
        <message>
            <source>Say “Hey Jarvis”, or type</source>
            <translation>Di «Hey Jarvis» o escribe</translation>
        </message>
        <message>
            <source>Ask anything, or press Space and talk</source>
            <translation>Pregunta, o pulsa Espacio y habla</translation>
        </message>
        <message>
            <source>Conversation</source>
            <translation>Conversación</translation>
        </message>
        <message>
            <source>Go to the latest message</source>
            <translation>Ir al último mensaje</translation>
        </message>
        <message>
            <source>New chat</source>
            <translation>Nuevo chat</translation>
        </message>
        <message>
            <source>pinned</source>
            <translation>fijada</translation>
        </message>
        <message>
            <source>New name</source>
            <translation>Nombre nuevo</translation>
        </message>
        <message>
            <source>Actions for “{title}”</source>
            <translation>Acciones para «{title}»</translation>
        </message>
        <message>
            <source>{count} were here already and stay as they are.</source>
            <translation>{count} ya estaban aquí y quedan como están.</translation>
        </message>
        <message>
            <source>Exported: {count} chats</source>
            <translation>Exportados: {count} chats</translation>
        </message>
        <message>
            <source>{file} – whoever has this file can read it.</source>
            <translation>{file} – quien tenga este archivo puede leerlo.</translation>
        </message>
        <message>
            <source>Imported: {count} chats</source>
            <translation>Importados: {count} chats</translation>
        </message>
        <message>
            <source>Markdown, to read (*.md)</source>
            <translation>Markdown, para leer (*.md)</translation>
        </message>
        <message>
            <source>JSON, to import again (*.json)</source>
            <translation>JSON, para importar de nuevo (*.json)</translation>
        </message>
        <message>
            <source>Import chats</source>
            <translation>Importar chats</translation>
        </message>
        <message>
            <source>Export a chat</source>
            <translation>Exportar un chat</translation>
        </message>
        <message>
            <source>Export all chats</source>
            <translation>Exportar todos los chats</translation>
        </message>
        <message>
            <source>Exported chats (*.json)</source>
            <translation>Chats exportados (*.json)</translation>
        </message>
        <message>
            <source>Jarvis chats</source>
            <translation>Chats de Jarvis</translation>
        </message>
        <message>
            <source>Microphone</source>
            <translation>Micrófono</translation>
        </message>
        <message>
            <source>Loudspeaker</source>
            <translation>Altavoz</translation>
        </message>
        <message>
            <source>Look again</source>
            <translation>Buscar de nuevo</translation>
        </message>
        <message>
            <source>System default ({name})</source>
            <translation>El del sistema ({name})</translation>
        </message>
        <message>
            <source>System default</source>
            <translation>El del sistema</translation>
        </message>
        <message>
            <source>{name} (not found)</source>
            <translation>{name} (no encontrado)</translation>
        </message>
        <message>
            <source>Nothing was heard</source>
            <translation>No se oyó nada</translation>
        </message>
        <message>
            <source>Speak once Jarvis shows that it listens. The audio doctor tells whether it hears you.</source>
            <translation>Habla cuando Jarvis muestre que escucha. El doctor de audio dice si te oye.</translation>
        </message>
        <message>
            <source>Dictation</source>
            <translation>Dictado</translation>
        </message>
        <message>
            <source>Dictating</source>
            <translation>Dictando</translation>
        </message>
        <message>
            <source>What you say is typed into the program that has the keyboard.</source>
            <translation>Lo que dices se escribe en el programa que tiene el teclado.</translation>
        </message>
        <message>
            <source>Allowed: {low} to {high}</source>
            <translation>Permitido: de {low} a {high}</translation>
        </message>
        <message>
            <source>As in the settings</source>
            <translation>Como en los ajustes</translation>
        </message>
        <message>
            <source>On</source>
            <translation>Sí</translation>
        </message>
        <message>
            <source>Off</source>
            <translation>No</translation>
        </message>
        <message>
            <source>empty</source>
            <translation>vacío</translation>
        </message>
        <message>
            <source>No profile</source>
            <translation>Sin perfil</translation>
        </message>
        <message>
            <source>The voice above</source>
            <translation>La voz de arriba</translation>
        </message>
        <message>
            <source>Press the keys</source>
            <translation>Pulsa las teclas</translation>
        </message>
        <message>
            <source>Automatic</source>
            <translation>Automático</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>Claro</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>Oscuro</translation>
        </message>
        <message>
            <source>Processor</source>
            <translation>Procesador</translation>
        </message>
        <message>
            <source>Graphics card</source>
            <translation>Tarjeta gráfica</translation>
        </message>
        <message>
            <source>None</source>
            <translation>Ninguna</translation>
        </message>
        <message>
            <source>Remote server</source>
            <translation>Servidor remoto</translation>
        </message>
        <message>
            <source>Normal</source>
            <translation>Normal</translation>
        </message>
        <message>
            <source>Warnings</source>
            <translation>Advertencias</translation>
        </message>
        <message>
            <source>Errors</source>
            <translation>Errores</translation>
        </message>
        <message>
            <source>Shared by profiles</source>
            <translation>Común a los perfiles</translation>
        </message>
        <message>
            <source>Its own</source>
            <translation>Propia</translation>
        </message>
        <message>
            <source>Hold it while you speak</source>
            <translation>Mantener mientras hablas</translation>
        </message>
        <message>
            <source>Always</source>
            <translation>Siempre</translation>
        </message>
        <message>
            <source>Only for tools that are not built in</source>
            <translation>Solo las que no vienen incluidas</translation>
        </message>
        <message>
            <source>Press to begin and to end</source>
            <translation>Pulsar para empezar y terminar</translation>
        </message>
        <message>
            <source>With the first sentence</source>
            <translation>Con la primera frase</translation>
        </message>
        <message>
            <source>Without what was said</source>
            <translation>Sin lo que se dijo</translation>
        </message>
        <message>
            <source>Everyday</source>
            <translation>Cotidiana</translation>
        </message>
        <message>
            <source>Technical</source>
            <translation>Técnica</translation>
        </message>
        <message>
            <source>Hard</source>
            <translation>Difícil</translation>
        </message>
        <message>
            <source>none</source>
            <translation>ninguna</translation>
        </message>
        <message>
            <source>Everything stays on this machine.</source>
            <translation>Todo se queda en este equipo.</translation>
        </message>
        <message>
            <source>Your questions go to the server you chose.</source>
            <translation>Tus preguntas van al servidor que elegiste.</translation>
        </message>
        <message>
            <source>Hold Space to talk, or type below.</source>
            <translation>Mantén Espacio para hablar, o escribe abajo.</translation>
        </message>
        <message>
            <source>Press Space to talk, or type below.</source>
            <translation>Pulsa Espacio para hablar, o escribe abajo.</translation>
        </message>
        <message>
            <source>Explain something simply</source>
            <translation>Explicar algo con sencillez</translation>
        </message>
        <message>
            <source>Explain in simple words why the sky is blue.</source>
            <translation>Explícame con palabras sencillas por qué el cielo es azul.</translation>
        </message>
        <message>
            <source>Translate a sentence</source>
            <translation>Traducir una frase</translation>
        </message>
        <message>
            <source>Translate into Spanish: Where is the nearest train station?</source>
            <translation>Traduce al inglés: ¿Dónde está la estación de tren más cercana?</translation>
        </message>
        <message>
            <source>Write a small program</source>
            <translation>Escribir un programa pequeño</translation>
        </message>
        <message>
            <source>Write a Python function that checks whether a word is a palindrome.</source>
            <translation>Escribe una función de Python que compruebe si una palabra es un palíndromo.</translation>
        </message>
        <message>
            <source>Plan my day</source>
            <translation>Planear mi día</translation>
        </message>
        <message>
            <source>Help me plan a calm day with three important tasks.</source>
            <translation>Ayúdame a planear un día tranquilo con tres tareas importantes.</translation>
        </message>
        <message>
            <source>A private chat</source>
            <translation>Un chat privado</translation>
        </message>
        <message>
            <source>Hello. What shall we do?</source>
            <translation>Hola. ¿Qué hacemos?</translation>
        </message>
        <message>
            <source>Nothing that is said in this chat is kept. It is gone when you leave it.</source>
            <translation>Nada de lo que se dice en este chat se guarda. Desaparece cuando sales de él.</translation>
        </message>
        <message>
            <source>Asks this question</source>
            <translation>Hace esta pregunta</translation>
        </message>
        <message>
            <source>These are no keys. Choose others by pressing them.</source>
            <translation>Esto no son teclas. Elige otras pulsándolas.</translation>
        </message>
        <message>
            <source>You could no longer type these keys. Press Ctrl, Alt or the logo key too.</source>
            <translation>Ya no podrías escribir con estas teclas. Pulsa también Ctrl, Alt o la tecla del logotipo.</translation>
        </message>
        <message>
            <source>The same keys are chosen above. Choose others.</source>
            <translation>Arriba están elegidas las mismas teclas. Elige otras.</translation>
        </message>
        <message>
            <source>Jarvis’ window uses these keys already. Choose others.</source>
            <translation>La ventana de Jarvis ya usa estas teclas. Elige otras.</translation>
        </message>
        <message>
            <source>Another program has these keys, or this keyboard lacks them. Choose others.</source>
            <translation>Otro programa tiene estas teclas, o este teclado no las tiene. Elige otras.</translation>
        </message>
        <message>
            <source>The desktop does not lend these keys. Choose others, or allow it there.</source>
            <translation>El escritorio no cede estas teclas. Elige otras, o permítelo allí.</translation>
        </message>
        <message>
            <source>This desktop gives programs no keys of their own. In its keyboard settings, bind keys to the commands “jarvis run --talk”, “jarvis run --dictate” and “jarvis run --show”.</source>
            <translation>Este escritorio no presta teclas a los programas. En sus ajustes de teclado, asigna teclas a las órdenes «jarvis run --talk», «jarvis run --dictate» y «jarvis run --show».</translation>
        </message>
        <message>
            <source>Welcome to Jarvis</source>
            <translation>Te damos la bienvenida a Jarvis</translation>
        </message>
        <message>
            <source>Step {step} of {all}</source>
            <translation>Paso {step} de {all}</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>Idioma</translation>
        </message>
        <message>
            <source>Skip the guide</source>
            <translation>Saltar la guía</translation>
        </message>
        <message>
            <source>Back</source>
            <translation>Atrás</translation>
        </message>
        <message>
            <source>Start</source>
            <translation>Empezar</translation>
        </message>
        <message>
            <source>Next</source>
            <translation>Siguiente</translation>
        </message>
        <message>
            <source>Looking for models …</source>
            <translation>Buscando modelos…</translation>
        </message>
        <message>
            <source>Everything is here.</source>
            <translation>Todo está aquí.</translation>
        </message>
        <message>
            <source>Downloads go on while you use Jarvis.</source>
            <translation>Las descargas siguen mientras usas Jarvis.</translation>
        </message>
        <message>
            <source>Models</source>
            <translation>Modelos</translation>
        </message>
        <message>
            <source>These suit this machine. You can go on, chat by keyboard and come back while they download.</source>
            <translation>Estos van bien en este equipo. Puedes seguir, chatear con el teclado y volver mientras se descargan.</translation>
        </message>
        <message>
            <source>See all models</source>
            <translation>Ver todos los modelos</translation>
        </message>
        <message>
            <source>Pause</source>
            <translation>Pausar</translation>
        </message>
        <message>
            <source>Go on ({size})</source>
            <translation>Seguir ({size})</translation>
        </message>
        <message>
            <source>Download all ({size})</source>
            <translation>Descargar todo ({size})</translation>
        </message>
        <message>
            <source>Your voice, your chats and your files stay on this machine.</source>
            <translation>Tu voz, tus chats y tus archivos se quedan en este equipo.</translation>
        </message>
        <message>
            <source>Your voice stays on this machine.</source>
            <translation>Tu voz se queda en este equipo.</translation>
        </message>
        <message>
            <source>Sound is turned into text here and never stored. Your last questions can be played again until you quit.</source>
            <translation>El sonido se convierte aquí en texto y nunca se guarda. Tus últimas preguntas se pueden volver a oír hasta que cierres el programa.</translation>
        </message>
        <message>
            <source>Your questions and what they are given to read go to the server you set up.</source>
            <translation>Tus preguntas y lo que se les da a leer van al servidor que configuraste.</translation>
        </message>
        <message>
            <source>Only downloads of models that you ask for, and tools that you add, use the internet.</source>
            <translation>Solo usan internet las descargas de modelos que pides y las herramientas que añades.</translation>
        </message>
        <message>
            <source>This machine</source>
            <translation>Este equipo</translation>
        </message>
        <message>
            <source>Jarvis runs here, without an account and without the internet: this machine sets the pace.</source>
            <translation>Jarvis funciona aquí, sin cuenta y sin internet: este equipo marca el ritmo.</translation>
        </message>
        <message>
            <source>Microphone and loudspeaker</source>
            <translation>Micrófono y altavoz</translation>
        </message>
        <message>
            <source>Say something and watch the bar. No recording is kept, and you can always type instead.</source>
            <translation>Di algo y mira la barra. No se guarda ninguna grabación, y siempre puedes escribir.</translation>
        </message>
        <message>
            <source>Something is wrong? The audio doctor finds out what.</source>
            <translation>¿Algo va mal? El doctor de audio averigua qué.</translation>
        </message>
        <message>
            <source>What stays private</source>
            <translation>Qué queda en privado</translation>
        </message>
        <message>
            <source>You can change all of this in the settings at any time.</source>
            <translation>Puedes cambiar todo esto en los ajustes cuando quieras.</translation>
        </message>
        <message>
            <source>What leaves it</source>
            <translation>Qué sale de él</translation>
        </message>
        <message>
            <source>Remember what I tell Jarvis</source>
            <translation>Recordar lo que le cuento a Jarvis</translation>
        </message>
        <message>
            <source>Facts, notes and chats help later answers, which say so. You can see and forget each one.</source>
            <translation>Datos, notas y chats ayudan en respuestas posteriores, que lo dicen. Puedes ver y olvidar cada uno.</translation>
        </message>
        <message>
            <source>Listen for “Hey Jarvis”</source>
            <translation>Escuchar «Hey Jarvis»</translation>
        </message>
        <message>
            <source>The microphone stays open for these words only. Off: it opens when you talk.</source>
            <translation>El micrófono queda abierto solo para estas palabras. Apagado: se abre cuando hablas.</translation>
        </message>
        <message>
            <source>{count} processor cores</source>
            <translation>{count} núcleos de procesador</translation>
        </message>
        <message>
            <source>{amount} of memory</source>
            <translation>{amount} de memoria</translation>
        </message>
        <message>
            <source>{name}, {amount} of graphics memory</source>
            <translation>{name}, {amount} de memoria gráfica</translation>
        </message>
        <message>
            <source>Enough for small models; with larger ones answers come slowly.</source>
            <translation>Suficiente para modelos pequeños; con los grandes las respuestas tardan.</translation>
        </message>
        <message>
            <source>Small models fit well. Jarvis checks that a model fits before it loads it.</source>
            <translation>Los modelos pequeños caben bien. Jarvis comprueba que un modelo cabe antes de cargarlo.</translation>
        </message>
        <message>
            <source>{size}, at work …</source>
            <translation>{size}, en curso…</translation>
        </message>
        <message>
            <source>Everything runs on the processor. That works, and short answers come quickly.</source>
            <translation>Todo funciona en el procesador. Va bien, y las respuestas cortas llegan rápido.</translation>
        </message>
        <message>
            <source>Enough to listen, think and speak at the same time.</source>
            <translation>Suficiente para escuchar, pensar y hablar a la vez.</translation>
        </message>
        <message>
            <source>There is room for larger models: you can choose one in the settings at any time.</source>
            <translation>Hay sitio para modelos más grandes: puedes elegir uno en los ajustes cuando quieras.</translation>
        </message>
        <message>
            <source>{size}, is here</source>
            <translation>{size}, está aquí</translation>
        </message>
        <message>
            <source>{done} of {total}</source>
            <translation>{done} de {total}</translation>
        </message>
        <message>
            <source>{size}, comes next</source>
            <translation>{size}, después</translation>
        </message>
        <message>
            <source>Speech recognition runs on it, and so do language models if their engine is made for it.</source>
            <translation>En ella funciona el reconocimiento de voz, y los modelos de lenguaje si su motor está hecho para ella.</translation>
        </message>
        <message>
            <source>Writes the answers. Quick on any machine; for simple questions, and it makes mistakes.</source>
            <translation>Escribe las respuestas. Rápido en cualquier equipo; para preguntas sencillas, y comete errores.</translation>
        </message>
        <message>
            <source>Writes the answers. Good at everyday questions; check what matters.</source>
            <translation>Escribe las respuestas. Bueno en preguntas cotidianas; comprueba lo importante.</translation>
        </message>
        <message>
            <source>Writes the answers. The best for this machine; check what matters.</source>
            <translation>Escribe las respuestas. El mejor para este equipo; comprueba lo importante.</translation>
        </message>
        <message>
            <source>Understands what you say. Clear speech well, names less so.</source>
            <translation>Entiende lo que dices. El habla clara bien, los nombres no tanto.</translation>
        </message>
        <message>
            <source>Understands what you say, and mishears less than smaller models.</source>
            <translation>Entiende lo que dices y se equivoca menos que los modelos más pequeños.</translation>
        </message>
        <message>
            <source>Reads the answers aloud. Clear, and easily told from a person.</source>
            <translation>Lee las respuestas en voz alta. Clara, y se nota que no es una persona.</translation>
        </message>
        <message>
            <source>Notices when you have finished, so that pauses to think are not cut off.</source>
            <translation>Nota cuándo has terminado, para no cortarte cuando te paras a pensar.</translation>
        </message>
        <message>
            <source>Hears “Hey Jarvis”, if you switch that on.</source>
            <translation>Oye «Hey Jarvis», si lo activas.</translation>
        </message>
        <message>
            <source>Finds what you told Jarvis earlier.</source>
            <translation>Encuentra lo que le contaste antes a Jarvis.</translation>
        </message>
        <message>
            <source>{done} of {size}, paused</source>
            <translation>{done} de {size}, en pausa</translation>
        </message>
        <message>
            <source>No NVIDIA graphics card</source>
            <translation>Sin tarjeta gráfica NVIDIA</translation>
        </message>
        <message>
            <source>Licence: {terms}.</source>
            <translation>Licencia: {terms}.</translation>
        </message>
        <message>
            <source>Today</source>
            <translation>Hoy</translation>
        </message>
        <message>
            <source>Yesterday</source>
            <translation>Ayer</translation>
        </message>
        <message>
            <source>d MMMM</source>
            <translation>d 'de' MMMM</translation>
        </message>
        <message>
            <source>d MMMM yyyy</source>
            <translation>d 'de' MMMM 'de' yyyy</translation>
        </message>
        <message>
            <source>“{title}”</source>
            <translation>«{title}»</translation>
        </message>
        <message>
            <source>Jarvis does not listen meanwhile.</source>
            <translation>Mientras tanto Jarvis no escucha.</translation>
        </message>
        <message>
            <source>Speaking, and listening to you</source>
            <translation>Hablando y escuchándote</translation>
        </message>
        <message>
            <source>Listening, hands-free</source>
            <translation>Escuchando, manos libres</translation>
        </message>
        <message>
            <source>The microphone is open: say “Hey Jarvis” to interrupt.</source>
            <translation>El micrófono está abierto: di «Hey Jarvis» para interrumpir.</translation>
        </message>
        <message>
            <source>The microphone is open: talk to interrupt.</source>
            <translation>El micrófono está abierto: habla para interrumpir.</translation>
        </message>
        <message>
            <source>Ready</source>
            <translation>Listo</translation>
        </message>
        <message>
            <source>Say “Hey Jarvis”</source>
            <translation>Di «Hey Jarvis»</translation>
        </message>
        <message>
            <source>Listening</source>
            <translation>Escuchando</translation>
        </message>
        <message>
            <source>Hearing you</source>
            <translation>Te oigo</translation>
        </message>
        <message>
            <source>Thinking</source>
            <translation>Pensando</translation>
        </message>
        <message>
            <source>Answering</source>
            <translation>Respondiendo</translation>
        </message>
        <message>
            <source>Speaking</source>
            <translation>Hablando</translation>
        </message>
        <message>
            <source>Paused, listening to you</source>
            <translation>En pausa, escuchándote</translation>
        </message>
        <message>
            <source>Microphone problem</source>
            <translation>Problema con el micrófono</translation>
        </message>
        <message>
            <source>The microphone is closed.</source>
            <translation>El micrófono está cerrado.</translation>
        </message>
        <message>
            <source>The microphone is open, and only the wake word is listened for. Nothing of it leaves this machine.</source>
            <translation>El micrófono está abierto y solo se espera la palabra de activación. Nada sale de este equipo.</translation>
        </message>
        <message>
            <source>The microphone is open: just talk.</source>
            <translation>El micrófono está abierto: habla cuando quieras.</translation>
        </message>
        <message>
            <source>The microphone is open and hears speech.</source>
            <translation>El micrófono está abierto y oye voz.</translation>
        </message>
        <message>
            <source>The microphone is open: what you say is typed where the keyboard is.</source>
            <translation>El micrófono está abierto: lo que dices se escribe donde está el teclado.</translation>
        </message>
        <message>
            <source>The answer waits while you speak.</source>
            <translation>La respuesta espera mientras hablas.</translation>
        </message>
        <message>
            <source>Jarvis cannot hear you.</source>
            <translation>Jarvis no puede oírte.</translation>
        </message>
        <message>
            <source>Level of the microphone</source>
            <translation>Nivel del micrófono</translation>
        </message>
        <message>
            <source>{level} dB, {word}</source>
            <translation>{level} dB, {word}</translation>
        </message>
        <message>
            <source>No speech</source>
            <translation>Sin voz</translation>
        </message>
        <message>
            <source>Licence of {model}</source>
            <translation>Licencia de {model}</translation>
        </message>
        <message>
            <source>Text of the licence</source>
            <translation>Texto de la licencia</translation>
        </message>
        <message>
            <source>Read it on the web</source>
            <translation>Leerla en la web</translation>
        </message>
        <message>
            <source>Only when I press to talk</source>
            <translation>Solo cuando pulso para hablar</translation>
        </message>
        <message>
            <source>When I say “Hey Jarvis”</source>
            <translation>Cuando digo «Hey Jarvis»</translation>
        </message>
        <message>
            <source>All the time (hands-free)</source>
            <translation>Siempre (manos libres)</translation>
        </message>
        <message>
            <source>Let me interrupt by voice</source>
            <translation>Poder interrumpir con la voz</translation>
        </message>
        <message>
            <source>Listening settings …</source>
            <translation>Ajustes de escucha…</translation>
        </message>
        <message>
            <source>Audio doctor …</source>
            <translation>Doctor de audio…</translation>
        </message>
        <message>
            <source>When Jarvis listens</source>
            <translation>Cuándo escucha Jarvis</translation>
        </message>
        <message>
            <source>Private chat</source>
            <translation>Chat privado</translation>
        </message>
        <message>
            <source>Enter sends · Shift+Enter starts a new line · Esc stops</source>
            <translation>Intro envía · Mayús+Intro cambia de línea · Esc detiene</translation>
        </message>
        <message>
            <source>Show the list of conversations</source>
            <translation>Mostrar la lista de conversaciones</translation>
        </message>
        <message>
            <source>Show the status panel</source>
            <translation>Mostrar el panel de estado</translation>
        </message>
        <message>
            <source>What these settings take in memory is not known: {reason}</source>
            <translation>No se sabe cuánta memoria ocupan estos ajustes: {reason}</translation>
        </message>
        <message>
            <source>These settings take {taken} of the {free} of memory that are free</source>
            <translation>Estos ajustes ocupan {taken} de los {free} de memoria libres</translation>
        </message>
        <message>
            <source>This does not fit: it takes {taken} of memory, {more} more than the {free} that are free</source>
            <translation>No cabe: ocupa {taken} de memoria, {more} más que los {free} libres</translation>
        </message>
        <message>
            <source>What these settings take in memory is being worked out …</source>
            <translation>Calculando cuánta memoria ocupan estos ajustes…</translation>
        </message>
        <message>
            <source>These settings take {taken} of the {free} that are free on {card}</source>
            <translation>Estos ajustes ocupan {taken} de los {free} libres en {card}</translation>
        </message>
        <message>
            <source>The language model cannot start with these settings</source>
            <translation>El modelo de lenguaje no puede arrancar con estos ajustes</translation>
        </message>
        <message>
            <source>This does not fit: it takes {taken}, {more} more than the {free} free on {card}</source>
            <translation>No cabe: ocupa {taken}, {more} más que los {free} libres en {card}</translation>
        </message>
        <message>
            <source>{amount} in main memory</source>
            <translation>{amount} en la memoria principal</translation>
        </message>
        <message>
            <source>{amount} on the graphics card</source>
            <translation>{amount} en la tarjeta gráfica</translation>
        </message>
        <message>
            <source>Exported: {count} items</source>
            <translation>Elementos exportados: {count}</translation>
        </message>
        <message>
            <source>Restored: {count} items</source>
            <translation>Restaurados: {count} elementos</translation>
        </message>
        <message>
            <source>They are being made searchable.</source>
            <translation>Se están preparando para la búsqueda.</translation>
        </message>
        <message>
            <source>Undo</source>
            <translation>Deshacer</translation>
        </message>
        <message>
            <source>Undone: {count} items were taken out again</source>
            <translation>Deshecho: se han vuelto a quitar {count} elementos</translation>
        </message>
        <message>
            <source>The file they came from still has them.</source>
            <translation>El archivo del que salieron los conserva.</translation>
        </message>
        <message>
            <source>Backups</source>
            <translation>Copias</translation>
        </message>
        <message>
            <source>Export …</source>
            <translation>Exportar…</translation>
        </message>
        <message>
            <source>Restore a backup</source>
            <translation>Restaurar una copia de seguridad</translation>
        </message>
        <message>
            <source>Restore from a file …</source>
            <translation>Restaurar desde un archivo…</translation>
        </message>
        <message>
            <source>Export the memory of all profiles</source>
            <translation>Exportar la memoria de todos los perfiles</translation>
        </message>
        <message>
            <source>Restore the memory of all profiles from a file</source>
            <translation>Restaurar la memoria de todos los perfiles desde un archivo</translation>
        </message>
        <message>
            <source>Restore the backup “{moment}”?</source>
            <translation>¿Restaurar la copia de seguridad «{moment}»?</translation>
        </message>
        <message>
            <source>Restore “{name}”?</source>
            <translation>¿Restaurar «{name}»?</translation>
        </message>
        <message>
            <source>Restore</source>
            <translation>Restaurar</translation>
        </message>
        <message>
            <source>Nothing was missing</source>
            <translation>No faltaba nada</translation>
        </message>
        <message>
            <source>All of it is remembered already, or was forgotten since.</source>
            <translation>Todo ello ya se recuerda o se olvidó desde entonces.</translation>
        </message>
        <message>
            <source>Looking for backups …</source>
            <translation>Buscando copias de seguridad…</translation>
        </message>
        <message>
            <source>There are no backups yet</source>
            <translation>Todavía no hay copias de seguridad</translation>
        </message>
        <message>
            <source>Taking them out again …</source>
            <translation>Quitándolos otra vez…</translation>
        </message>
        <message>
            <source>Exports and backups</source>
            <translation>Exportaciones y copias de seguridad</translation>
        </message>
        <message>
            <source>Restoring …</source>
            <translation>Restaurando…</translation>
        </message>
        <message>
            <source>Edit</source>
            <translation>Editar</translation>
        </message>
        <message>
            <source>Forget</source>
            <translation>Olvidar</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>Guardar</translation>
        </message>
        <message>
            <source>Ctrl+Enter saves</source>
            <translation>Ctrl+Intro guarda</translation>
        </message>
        <message>
            <source>What shall Jarvis remember?</source>
            <translation>¿Qué debe recordar Jarvis?</translation>
        </message>
        <message>
            <source>Show</source>
            <translation>Mostrar</translation>
        </message>
        <message>
            <source>Before that it was:</source>
            <translation>Antes era:</translation>
        </message>
        <message>
            <source>New note</source>
            <translation>Nota nueva</translation>
        </message>
        <message>
            <source>Unpin</source>
            <translation>Soltar</translation>
        </message>
        <message>
            <source>Pin</source>
            <translation>Fijar</translation>
        </message>
        <message>
            <source>Text of the note</source>
            <translation>Texto de la nota</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Texto</translation>
        </message>
        <message>
            <source>No longer true since {day}. Now: {text}</source>
            <translation>Ya no es cierto ({day}). Ahora: {text}</translation>
        </message>
        <message>
            <source>{text}, no longer true</source>
            <translation>{text}, ya no es cierto</translation>
        </message>
        <message>
            <source>You said this in a chat: {name}</source>
            <translation>Lo dijiste en un chat: {name}</translation>
        </message>
        <message>
            <source>You said this in a chat.</source>
            <translation>Lo dijiste en un chat.</translation>
        </message>
        <message>
            <source>File: {name}</source>
            <translation>Archivo: {name}</translation>
        </message>
        <message>
            <source>Open the chat</source>
            <translation>Abrir el chat</translation>
        </message>
        <message>
            <source>Kept since {moment}</source>
            <translation>Guardado: {moment}</translation>
        </message>
        <message>
            <source>{count} passages</source>
            <translation>{count} fragmentos</translation>
        </message>
        <message>
            <source>only in the profile {name}</source>
            <translation>solo en el perfil {name}</translation>
        </message>
        <message>
            <source>{count} characters of it are shown</source>
            <translation>se muestran {count} de sus caracteres</translation>
        </message>
        <message>
            <source>From {name}</source>
            <translation>De {name}</translation>
        </message>
        <message>
            <source>You wrote this or asked to keep it.</source>
            <translation>Lo escribiste o pediste que se guardara.</translation>
        </message>
        <message>
            <source>Search the memory</source>
            <translation>Buscar en la memoria</translation>
        </message>
        <message>
            <source>Kind</source>
            <translation>Tipo</translation>
        </message>
        <message>
            <source>What is remembered</source>
            <translation>Lo que se recuerda</translation>
        </message>
        <message>
            <source>Search by words or meaning</source>
            <translation>Busca por palabras o significado</translation>
        </message>
        <message>
            <source>Nothing was found for these words.</source>
            <translation>No se encontró nada con estas palabras.</translation>
        </message>
        <message>
            <source>no longer true</source>
            <translation>ya no es cierto</translation>
        </message>
        <message>
            <source>Nothing of this kind yet.</source>
            <translation>Aún no hay nada de este tipo.</translation>
        </message>
        <message>
            <source>What Jarvis remembers will be listed here.</source>
            <translation>Aquí verás lo que Jarvis recuerda.</translation>
        </message>
        <message>
            <source>Read and remember</source>
            <translation>Leer y recordar</translation>
        </message>
        <message>
            <source>Forgotten for good</source>
            <translation>Olvidado para siempre</translation>
        </message>
        <message>
            <source>Files that could not be taken in</source>
            <translation>Archivos que no se pudieron leer</translation>
        </message>
        <message>
            <source>There was nothing to take in.</source>
            <translation>No había nada que leer.</translation>
        </message>
        <message>
            <source>new: {count}</source>
            <translation>nuevos: {count}</translation>
        </message>
        <message>
            <source>Reading files …</source>
            <translation>Leyendo archivos…</translation>
        </message>
        <message>
            <source>unchanged: {count}</source>
            <translation>sin cambios: {count}</translation>
        </message>
        <message>
            <source>not taken in: {count}</source>
            <translation>no leídos: {count}</translation>
        </message>
        <message>
            <source>Reading files, {progress}</source>
            <translation>Leyendo archivos, {progress}</translation>
        </message>
        <message>
            <source>Stopped</source>
            <translation>Detenido</translation>
        </message>
        <message>
            <source>Files taken in</source>
            <translation>Archivos leídos</translation>
        </message>
        <message>
            <source>Main memory</source>
            <translation>Memoria principal</translation>
        </message>
        <message>
            <source>Jarvis uses {amount} GB of main memory</source>
            <translation>Jarvis usa {amount} GB de la memoria principal</translation>
        </message>
        <message>
            <source>{percent} % busy</source>
            <translation>{percent} % de uso</translation>
        </message>
        <message>
            <source>{degrees} °C</source>
            <translation>{degrees} °C</translation>
        </message>
        <message>
            <source>{watts} W</source>
            <translation>{watts} W</translation>
        </message>
        <message>
            <source>Graphics memory</source>
            <translation>Memoria gráfica</translation>
        </message>
        <message>
            <source>Graphics memory: none found</source>
            <translation>Memoria gráfica: no se encontró</translation>
        </message>
        <message>
            <source>The rest of Jarvis</source>
            <translation>El resto de Jarvis</translation>
        </message>
        <message>
            <source>Other programs</source>
            <translation>Otros programas</translation>
        </message>
        <message>
            <source>{count} files and folders</source>
            <translation>{count} archivos y carpetas</translation>
        </message>
        <message>
            <source>Remember {what}?</source>
            <translation>¿Recordar {what}?</translation>
        </message>
        <message>
            <source>Jarvis reads them, keeps their text on this machine and uses it in answers, which then name them. The files themselves are left alone.</source>
            <translation>Jarvis los lee, guarda su texto en este equipo y lo usa en sus respuestas, que entonces los citan. Los archivos no se tocan.</translation>
        </message>
        <message>
            <source>Memory – Jarvis</source>
            <translation>Memoria – Jarvis</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>Memoria</translation>
        </message>
        <message>
            <source>Add</source>
            <translation>Añadir</translation>
        </message>
        <message>
            <source>Note</source>
            <translation>Nota</translation>
        </message>
        <message>
            <source>Files …</source>
            <translation>Archivos…</translation>
        </message>
        <message>
            <source>Folder …</source>
            <translation>Carpeta…</translation>
        </message>
        <message>
            <source>Forget for good</source>
            <translation>Olvidar para siempre</translation>
        </message>
        <message>
            <source>What shall Jarvis read and remember?</source>
            <translation>¿Qué debe leer y recordar Jarvis?</translation>
        </message>
        <message>
            <source>Choose something on the left</source>
            <translation>Elige algo a la izquierda</translation>
        </message>
        <message>
            <source>Search with your own words: texts are found by what they mean, in Spanish and English.</source>
            <translation>Busca con tus palabras: los textos se encuentran por lo que significan, en español y en inglés.</translation>
        </message>
        <message>
            <source>Drop here, and Jarvis will read and remember it.</source>
            <translation>Suéltalo aquí y Jarvis lo leerá y lo recordará.</translation>
        </message>
        <message>
            <source>Remembering is switched off</source>
            <translation>La memoria está apagada</translation>
        </message>
        <message>
            <source>Jarvis keeps nothing beyond a chat. What was remembered before is still there.</source>
            <translation>Jarvis no guarda nada más allá de un chat. Lo que recordaba antes sigue ahí.</translation>
        </message>
        <message>
            <source>Open settings</source>
            <translation>Abrir los ajustes</translation>
        </message>
        <message>
            <source>Nothing is remembered in this profile</source>
            <translation>En este perfil no se recuerda nada</translation>
        </message>
        <message>
            <source>Choose another profile to see or change what Jarvis remembers.</source>
            <translation>Elige otro perfil para ver o cambiar lo que Jarvis recuerda.</translation>
        </message>
        <message>
            <source>{count} items chosen</source>
            <translation>{count} elementos elegidos</translation>
        </message>
        <message>
            <source>Nothing is remembered yet</source>
            <translation>Aún no recuerda nada</translation>
        </message>
        <message>
            <source>Say “Remember that …”, write a note, or drop files onto this window. Everything stays on this machine.</source>
            <translation>Di «Recuerda que…», escribe una nota o suelta archivos en esta ventana. Todo se queda en este equipo.</translation>
        </message>
        <message>
            <source>Write a note</source>
            <translation>Escribir una nota</translation>
        </message>
        <message>
            <source>Add files …</source>
            <translation>Añadir archivos…</translation>
        </message>
        <message>
            <source>{used}, last: {moment}</source>
            <translation>{used}; la última: {moment}</translation>
        </message>
        <message>
            <source>It is deleted from every file of the memory, and answers that repeat it are blanked. This cannot be undone.</source>
            <translation>Se borra de todos los archivos de la memoria, y se tachan las respuestas que lo repiten. No se puede deshacer.</translation>
        </message>
        <message>
            <source>What the memory lacks is added. Nothing is replaced: what is remembered now stays as it is, and what was forgotten stays forgotten. A backup is made before.</source>
            <translation>Se añade lo que le falta a la memoria. No se sustituye nada: lo que ahora se recuerda queda como está y lo olvidado sigue olvidado. Antes se hace una copia de seguridad.</translation>
        </message>
        <message>
            <source>{done} of {total} files</source>
            <translation>{done} de {total} archivos</translation>
        </message>
        <message>
            <source>Not used in an answer yet</source>
            <translation>Aún no se ha usado en ninguna respuesta</translation>
        </message>
        <message>
            <source>Used in one answer</source>
            <translation>Usado en una respuesta</translation>
        </message>
        <message>
            <source>Used in {count} answers</source>
            <translation>Usado en {count} respuestas</translation>
        </message>
        <message>
            <source>Forget “{title}” for good?</source>
            <translation>¿Olvidar «{title}» para siempre?</translation>
        </message>
        <message>
            <source>They are deleted from every file of the memory with the sentences they come from and the facts drawn from them, and what the chats say of them is blanked. Your files stay where they are. This cannot be undone.</source>
            <translation>Se borran de todos los archivos de la memoria junto con las frases de las que vienen y los datos sacados de ellos, y lo que dicen los chats sobre ellos se deja en blanco. Tus archivos se quedan donde están. Esto no se puede deshacer.</translation>
        </message>
        <message>
            <source>It is deleted from every file of the memory with the sentence it comes from and the facts drawn from it, and what the chats say of it is blanked. This cannot be undone.</source>
            <translation>Se borra de todos los archivos de la memoria junto con la frase de la que viene y los datos sacados de ella, y lo que dicen los chats sobre ello se deja en blanco. Esto no se puede deshacer.</translation>
        </message>
        <message>
            <source>Its text (passages: {count}) is deleted from every file of the memory, and answers that repeat it are blanked. The file itself stays where it is. This cannot be undone.</source>
            <translation>Su texto (fragmentos: {count}) se borra de todos los archivos de la memoria, y se tachan las respuestas que lo repiten. El archivo se queda donde está. No se puede deshacer.</translation>
        </message>
        <message>
            <source>cannot be read</source>
            <translation>no se puede leer</translation>
        </message>
        <message>
            <source>Items: {count}</source>
            <translation>Elementos: {count}</translation>
        </message>
        <message>
            <source>It holds {count} items of all profiles.</source>
            <translation>Contiene {count} elementos de todos los perfiles.</translation>
        </message>
        <message>
            <source>passages: {count}</source>
            <translation>fragmentos: {count}</translation>
        </message>
        <message>
            <source>vectors: {count}</source>
            <translation>vectores: {count}</translation>
        </message>
        <message>
            <source>receipt {receipt}</source>
            <translation>recibo {receipt}</translation>
        </message>
        <message>
            <source>Found by words only: the search model is not on this machine.</source>
            <translation>Encontrado solo por palabras: el modelo de búsqueda no está en este equipo.</translation>
        </message>
        <message>
            <source>Found by words only: the index is being rebuilt.</source>
            <translation>Encontrado solo por palabras: se está rehaciendo el índice.</translation>
        </message>
        <message>
            <source>Nothing fits well. These are the nearest:</source>
            <translation>Nada encaja del todo. Esto es lo más parecido:</translation>
        </message>
        <message>
            <source>Document</source>
            <translation>Documento</translation>
        </message>
        <message>
            <source>Fact</source>
            <translation>Dato</translation>
        </message>
        <message>
            <source>Notes</source>
            <translation>Notas</translation>
        </message>
        <message>
            <source>Documents</source>
            <translation>Documentos</translation>
        </message>
        <message>
            <source>Conversations</source>
            <translation>Conversaciones</translation>
        </message>
        <message>
            <source>Facts about you</source>
            <translation>Datos sobre ti</translation>
        </message>
        <message>
            <source>Forget {count} items for good?</source>
            <translation>¿Olvidar {count} elementos para siempre?</translation>
        </message>
        <message>
            <source>messages blanked: {count}</source>
            <translation>mensajes tachados: {count}</translation>
        </message>
        <message>
            <source>{count} still being prepared for search</source>
            <translation>{count} aún se preparan para la búsqueda</translation>
        </message>
        <message>
            <source>Earlier version</source>
            <translation>Versión anterior</translation>
        </message>
        <message>
            <source>Later version</source>
            <translation>Versión siguiente</translation>
        </message>
        <message>
            <source>Version {number} of {count}</source>
            <translation>Versión {number} de {count}</translation>
        </message>
        <message>
            <source>You stopped this answer here.</source>
            <translation>Paraste esta respuesta aquí.</translation>
        </message>
        <message>
            <source>You interrupted. You heard it up to here.</source>
            <translation>Interrumpiste. Hasta aquí lo oíste.</translation>
        </message>
        <message>
            <source>Paused, listening to you …</source>
            <translation>En pausa, escuchándote…</translation>
        </message>
        <message>
            <source>Stop playing</source>
            <translation>Parar la reproducción</translation>
        </message>
        <message>
            <source>Play what Jarvis heard</source>
            <translation>Reproducir lo que oyó Jarvis</translation>
        </message>
        <message>
            <source>Change the question</source>
            <translation>Cambiar la pregunta</translation>
        </message>
        <message>
            <source>Waits its turn</source>
            <translation>Espera su turno</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>Reintentar</translation>
        </message>
        <message>
            <source>Stop reading aloud</source>
            <translation>Dejar de leer en voz alta</translation>
        </message>
        <message>
            <source>Read aloud</source>
            <translation>Leer en voz alta</translation>
        </message>
        <message>
            <source>This answer broke off here.</source>
            <translation>Esta respuesta se cortó aquí.</translation>
        </message>
        <message>
            <source>Answer again</source>
            <translation>Responder de nuevo</translation>
        </message>
        <message>
            <source>Hold to talk. Click to {action}.</source>
            <translation>Mantén pulsado para hablar. Haz clic para {action}.</translation>
        </message>
        <message>
            <source>Microphone: {state}</source>
            <translation>Micrófono: {state}</translation>
        </message>
        <message>
            <source>Click to talk, and click again when you have finished.</source>
            <translation>Haz clic para hablar, y otra vez cuando termines.</translation>
        </message>
        <message>
            <source>turn hands-free off</source>
            <translation>desactivar el modo manos libres</translation>
        </message>
        <message>
            <source>turn hands-free on</source>
            <translation>activar el modo manos libres</translation>
        </message>
        <message>
            <source>Download</source>
            <translation>Descargar</translation>
        </message>
        <message>
            <source>Check every byte of {model}</source>
            <translation>Comprobar cada byte de {model}</translation>
        </message>
        <message>
            <source>Remove {model} from this computer</source>
            <translation>Quitar {model} de este equipo</translation>
        </message>
        <message>
            <source>Cancel the download of {model}</source>
            <translation>Cancelar la descarga de {model}</translation>
        </message>
        <message>
            <source>Throw away what has arrived of {model}?</source>
            <translation>¿Tirar lo que ha llegado de {model}?</translation>
        </message>
        <message>
            <source>It would begin from the start the next time. Pausing keeps it.</source>
            <translation>La próxima vez empezaría desde el principio. Con la pausa se conserva.</translation>
        </message>
        <message>
            <source>Throw away</source>
            <translation>Tirar</translation>
        </message>
        <message>
            <source>Use for</source>
            <translation>Usar para</translation>
        </message>
        <message>
            <source>Use</source>
            <translation>Usar</translation>
        </message>
        <message>
            <source>This file is your own and stays where it is.</source>
            <translation>Este archivo es tuyo y se queda donde está.</translation>
        </message>
        <message>
            <source>Go on</source>
            <translation>Continuar</translation>
        </message>
        <message>
            <source>Download again</source>
            <translation>Descargar de nuevo</translation>
        </message>
        <message>
            <source>{model} cannot be removed now.</source>
            <translation>{model} no se puede quitar ahora.</translation>
        </message>
        <message>
            <source>{uses}. Choose another one for that first, or switch it off in the settings.</source>
            <translation>{uses}. Elige antes otro para eso, o desactívalo en los ajustes.</translation>
        </message>
        <message>
            <source>You can download it again.</source>
            <translation>Puedes volver a descargarlo.</translation>
        </message>
        <message>
            <source>Remove {model}? {size} become free.</source>
            <translation>¿Quitar {model}? Se liberan {size}.</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>Quitar</translation>
        </message>
        <message>
            <source>{amount} MB</source>
            <translation>{amount} MB</translation>
        </message>
        <message>
            <source>{hours} h left</source>
            <translation>quedan {hours} h</translation>
        </message>
        <message>
            <source>On this computer: {count} models, {used} · {free} free on the disk</source>
            <translation>En este equipo: {count} modelos, {used} · {free} libres en el disco</translation>
        </message>
        <message>
            <source>profile {name}</source>
            <translation>perfil {name}</translation>
        </message>
        <message>
            <source>In use: {roles}</source>
            <translation>En uso: {roles}</translation>
        </message>
        <message>
            <source>{amount} GB</source>
            <translation>{amount} GB</translation>
        </message>
        <message>
            <source>Your own file</source>
            <translation>Archivo tuyo</translation>
        </message>
        <message>
            <source>Many languages</source>
            <translation>Muchos idiomas</translation>
        </message>
        <message>
            <source>English</source>
            <translation>Inglés</translation>
        </message>
        <message>
            <source>Spanish</source>
            <translation>Español</translation>
        </message>
        <message>
            <source>Does not fit now: takes {need} of memory, {missing} more than is free</source>
            <translation>No cabe ahora: ocupa {need} de memoria, {missing} más de lo que hay libre</translation>
        </message>
        <message>
            <source>less than a minute left</source>
            <translation>queda menos de un minuto</translation>
        </message>
        <message>
            <source>{minutes} min left</source>
            <translation>quedan {minutes} min</translation>
        </message>
        <message>
            <source>Download it again: only what is damaged is fetched.</source>
            <translation>Descárgalo de nuevo: solo se trae lo que está dañado.</translation>
        </message>
        <message>
            <source>Chat</source>
            <translation>Chat</translation>
        </message>
        <message>
            <source>Speech recognition</source>
            <translation>Reconocimiento de voz</translation>
        </message>
        <message>
            <source>Voices</source>
            <translation>Voces</translation>
        </message>
        <message>
            <source>Listening models</source>
            <translation>Modelos de escucha</translation>
        </message>
        <message>
            <source>Memory search</source>
            <translation>Búsqueda en la memoria</translation>
        </message>
        <message>
            <source>Language models: they answer. Larger ones know more, are slower and take more memory.</source>
            <translation>Modelos de lenguaje: son los que responden. Los grandes saben más, son más lentos y ocupan más memoria.</translation>
        </message>
        <message>
            <source>Write down what you say. Larger ones hear better and are slower.</source>
            <translation>Escriben lo que dices. Los grandes oyen mejor y son más lentos.</translation>
        </message>
        <message>
            <source>Read answers aloud, each in its language.</source>
            <translation>Leen las respuestas en voz alta, cada una en su idioma.</translation>
        </message>
        <message>
            <source>Hear when you have finished a sentence, and when you call “Hey Jarvis”.</source>
            <translation>Oyen cuándo has terminado una frase y cuándo llamas con «Hey Jarvis».</translation>
        </message>
        <message>
            <source>Find again what you told Jarvis, by its meaning.</source>
            <translation>Vuelven a encontrar por su significado lo que le contaste a Jarvis.</translation>
        </message>
        <message>
            <source>all answers</source>
            <translation>todas las respuestas</translation>
        </message>
        <message>
            <source>technical questions</source>
            <translation>preguntas técnicas</translation>
        </message>
        <message>
            <source>hard questions</source>
            <translation>preguntas difíciles</translation>
        </message>
        <message>
            <source>speech recognition</source>
            <translation>reconocimiento de voz</translation>
        </message>
        <message>
            <source>all spoken answers</source>
            <translation>todas las respuestas habladas</translation>
        </message>
        <message>
            <source>answers in Spanish</source>
            <translation>respuestas en español</translation>
        </message>
        <message>
            <source>memory search</source>
            <translation>búsqueda en la memoria</translation>
        </message>
        <message>
            <source>the end of a turn</source>
            <translation>el final de un turno</translation>
        </message>
        <message>
            <source>the wake word</source>
            <translation>la palabra de activación</translation>
        </message>
        <message>
            <source>Damaged</source>
            <translation>Dañado</translation>
        </message>
        <message>
            <source>Not downloaded</source>
            <translation>Sin descargar</translation>
        </message>
        <message>
            <source>Does not fit on the disk: {amount} are missing</source>
            <translation>No cabe en el disco: faltan {amount}</translation>
        </message>
        <message>
            <source>How much memory it takes is not known</source>
            <translation>No se sabe cuánta memoria ocupa</translation>
        </message>
        <message>
            <source>Fits: takes {need} of memory</source>
            <translation>Cabe: ocupa {need} de memoria</translation>
        </message>
        <message>
            <source>{amount}/s</source>
            <translation>{amount}/s</translation>
        </message>
        <message>
            <source>On this computer, checked on {day}</source>
            <translation>En este equipo, comprobado el {day}</translation>
        </message>
        <message>
            <source>On this computer</source>
            <translation>En este equipo</translation>
        </message>
        <message>
            <source>Not complete: {arrived} of {size} are here</source>
            <translation>Incompleto: han llegado {arrived} de {size}</translation>
        </message>
        <message>
            <source>free for any use</source>
            <translation>libre para cualquier uso</translation>
        </message>
        <message>
            <source>for personal use only</source>
            <translation>solo para uso personal</translation>
        </message>
        <message>
            <source>free under conditions</source>
            <translation>libre con condiciones</translation>
        </message>
        <message>
            <source>Waiting for the download before it</source>
            <translation>Espera a que acabe la descarga anterior</translation>
        </message>
        <message>
            <source>Asking where it can be had …</source>
            <translation>Preguntando dónde se puede obtener…</translation>
        </message>
        <message>
            <source>Unpacking and checking …</source>
            <translation>Desempaquetando y comprobando…</translation>
        </message>
        <message>
            <source>Stopping …</source>
            <translation>Deteniendo…</translation>
        </message>
        <message>
            <source>Checking every byte …</source>
            <translation>Comprobando cada byte…</translation>
        </message>
        <message>
            <source>Removing …</source>
            <translation>Quitando…</translation>
        </message>
        <message>
            <source>Removed: {model}. {size} are free again.</source>
            <translation>Quitado: {model}. Vuelven a estar libres {size}.</translation>
        </message>
        <message>
            <source>The download was interrupted: {models}</source>
            <translation>La descarga se interrumpió: {models}</translation>
        </message>
        <message>
            <source>What has arrived is kept; it can also go on later, from the window Models.</source>
            <translation>Lo que ha llegado se conserva; también puede continuar más tarde, desde la ventana Modelos.</translation>
        </message>
        <message>
            <source>Downloading {model}, {percent} %</source>
            <translation>Descargando {model}, {percent} %</translation>
        </message>
        <message>
            <source>Downloaded: {model}</source>
            <translation>Descargado: {model}</translation>
        </message>
        <message>
            <source>{model} is whole</source>
            <translation>{model} está íntegro</translation>
        </message>
        <message>
            <source>Models – Jarvis</source>
            <translation>Modelos – Jarvis</translation>
        </message>
        <message>
            <source>Search models</source>
            <translation>Buscar modelos</translation>
        </message>
        <message>
            <source>Which models to show</source>
            <translation>Qué modelos mostrar</translation>
        </message>
        <message>
            <source>Use a file of your own …</source>
            <translation>Usar un archivo tuyo…</translation>
        </message>
        <message>
            <source>Show folder</source>
            <translation>Mostrar carpeta</translation>
        </message>
        <message>
            <source>No model matches.</source>
            <translation>Ningún modelo coincide.</translation>
        </message>
        <message>
            <source>The models are being looked up …</source>
            <translation>Buscando los modelos…</translation>
        </message>
        <message>
            <source>Which language model shall answer?</source>
            <translation>¿Qué modelo de lenguaje debe responder?</translation>
        </message>
        <message>
            <source>Language models (*.gguf)</source>
            <translation>Modelos de lenguaje (*.gguf)</translation>
        </message>
        <message>
            <source>All models</source>
            <translation>Todos los modelos</translation>
        </message>
        <message>
            <source>Fitting this computer</source>
            <translation>Que caben en este equipo</translation>
        </message>
        <message>
            <source>Time is up.</source>
            <translation>Se acabó el tiempo.</translation>
        </message>
        <message>
            <source>Jarvis has answered</source>
            <translation>Jarvis ha respondido</translation>
        </message>
        <message>
            <source>Jarvis could not answer</source>
            <translation>Jarvis no ha podido responder</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Abrir</translation>
        </message>
        <message>
            <source>Thinking …</source>
            <translation>Pensando…</translation>
        </message>
        <message>
            <source>Loading the language model, {percent} %. The answer follows.</source>
            <translation>Cargando el modelo de lenguaje, {percent} %. Enseguida llega la respuesta.</translation>
        </message>
        <message>
            <source>Time is up: {label}</source>
            <translation>Se acabó el tiempo: {label}</translation>
        </message>
        <message>
            <source>Open this address in your browser?</source>
            <translation>¿Abrir esta dirección en tu navegador?</translation>
        </message>
        <message>
            <source>Loading the language model. The answer follows.</source>
            <translation>Cargando el modelo de lenguaje. Enseguida llega la respuesta.</translation>
        </message>
        <message>
            <source>Download …</source>
            <translation>Descargar…</translation>
        </message>
        <message>
            <source>and {count} more characters</source>
            <translation>y {count} caracteres más</translation>
        </message>
        <message>
            <source>Stored on this computer</source>
            <translation>Guardado en este equipo</translation>
        </message>
        <message>
            <source>Delete everything …</source>
            <translation>Borrar todo…</translation>
        </message>
        <message>
            <source>Delete all of this? It cannot be had back.</source>
            <translation>¿Borrar todo esto? No se puede recuperar.</translation>
        </message>
        <message>
            <source>The downloaded models too ({size})</source>
            <translation>También los modelos descargados ({size})</translation>
        </message>
        <message>
            <source>Jarvis closes to do it. Files of yours elsewhere, which it only read, stay as they are.</source>
            <translation>Jarvis se cierra para hacerlo. Tus archivos de otros lugares, que solo leyó, quedan como están.</translation>
        </message>
        <message>
            <source>Keep everything</source>
            <translation>Conservar todo</translation>
        </message>
        <message>
            <source>Delete everything</source>
            <translation>Borrar todo</translation>
        </message>
        <message>
            <source>{shown} of {all} connections</source>
            <translation>{shown} de {all} conexiones</translation>
        </message>
        <message>
            <source>Written: {path}</source>
            <translation>Escrito: {path}</translation>
        </message>
        <message>
            <source>Privacy – Jarvis</source>
            <translation>Privacidad – Jarvis</translation>
        </message>
        <message>
            <source>Privacy</source>
            <translation>Privacidad</translation>
        </message>
        <message>
            <source>Connections to other computers</source>
            <translation>Conexiones con otros equipos</translation>
        </message>
        <message>
            <source>Search connections</source>
            <translation>Buscar conexiones</translation>
        </message>
        <message>
            <source>Which connections to show</source>
            <translation>Qué conexiones mostrar</translation>
        </message>
        <message>
            <source>Clear list</source>
            <translation>Vaciar la lista</translation>
        </message>
        <message>
            <source>No connection to another computer is listed.</source>
            <translation>No consta ninguna conexión con otro equipo.</translation>
        </message>
        <message>
            <source>Where shall the list be written?</source>
            <translation>¿Dónde se escribe la lista?</translation>
        </message>
        <message>
            <source>Delete the list of connections?</source>
            <translation>¿Borrar la lista de conexiones?</translation>
        </message>
        <message>
            <source>Delete</source>
            <translation>Eliminar</translation>
        </message>
        <message>
            <source>All</source>
            <translation>Todas</translation>
        </message>
        <message>
            <source>Allowed</source>
            <translation>Permitida</translation>
        </message>
        <message>
            <source>Refused</source>
            <translation>Rechazada</translation>
        </message>
        <message>
            <source>Unexpected</source>
            <translation>Inesperada</translation>
        </message>
        <message>
            <source>{state}, unexpected</source>
            <translation>{state}, inesperada</translation>
        </message>
        <message>
            <source>On. Jarvis and its own programs hold to it; this system cannot hold engines and tool servers to it.</source>
            <translation>Activado. Jarvis y sus propios programas lo cumplen; este sistema no puede obligar a motores ni servidores de herramientas.</translation>
        </message>
        <message>
            <source>files: {count}</source>
            <translation>archivos: {count}</translation>
        </message>
        <message>
            <source>{size} received</source>
            <translation>{size} recibidos</translation>
        </message>
        <message>
            <source>Download of a model ({file})</source>
            <translation>Descarga de un modelo ({file})</translation>
        </message>
        <message>
            <source>Asking where a model lies</source>
            <translation>Pregunta dónde está un modelo</translation>
        </message>
        <message>
            <source>Language engine elsewhere, which you set up</source>
            <translation>Motor de lenguaje en otro equipo, que tú configuraste</translation>
        </message>
        <message>
            <source>Tool server {name}, which you added</source>
            <translation>Servidor de herramientas {name}, que tú añadiste</translation>
        </message>
        <message>
            <source>Vector server of the memory, which you set up</source>
            <translation>Servidor de vectores de la memoria, que tú configuraste</translation>
        </message>
        <message>
            <source>Queue of work for other machines, which you set up</source>
            <translation>Cola de trabajo para otros equipos, que tú configuraste</translation>
        </message>
        <message>
            <source>Not announced by any part of Jarvis (from: {who})</source>
            <translation>No anunciada por ninguna parte de Jarvis (de: {who})</translation>
        </message>
        <message>
            <source>Off: Jarvis may reach other computers and lists each connection.</source>
            <translation>Desactivado: Jarvis puede llegar a otros equipos y anota cada conexión.</translation>
        </message>
        <message>
            <source>On. The system holds every program that Jarvis starts to it; Jarvis holds itself to it.</source>
            <translation>Activado. El sistema obliga a cada programa que Jarvis inicia; Jarvis se obliga a sí mismo.</translation>
        </message>
        <message>
            <source>Chats</source>
            <translation>Chats</translation>
        </message>
        <message>
            <source>Memory, its documents and backups</source>
            <translation>Memoria, sus documentos y copias</translation>
        </message>
        <message>
            <source>Settings and tool servers</source>
            <translation>Ajustes y servidores de herramientas</translation>
        </message>
        <message>
            <source>Caches and unfinished downloads</source>
            <translation>Cachés y descargas sin terminar</translation>
        </message>
        <message>
            <source>Logs and the list of connections</source>
            <translation>Registros y lista de conexiones</translation>
        </message>
        <message>
            <source>{counted} · less than 0.1 MB</source>
            <translation>{counted} · menos de 0,1 MB</translation>
        </message>
        <message>
            <source>nothing</source>
            <translation>nada</translation>
        </message>
        <message>
            <source>chats: {count}</source>
            <translation>chats: {count}</translation>
        </message>
        <message>
            <source>models: {count}</source>
            <translation>modelos: {count}</translation>
        </message>
        <message>
            <source>Private · not kept</source>
            <translation>Privado · no se guarda</translation>
        </message>
        <message>
            <source>Profile</source>
            <translation>Perfil</translation>
        </message>
        <message>
            <source>Nothing that is said in this profile is kept.</source>
            <translation>No se guarda nada de lo que se dice en este perfil.</translation>
        </message>
        <message>
            <source>Profile: {name}</source>
            <translation>Perfil: {name}</translation>
        </message>
        <message>
            <source>{name} · not kept</source>
            <translation>{name} · no se guarda</translation>
        </message>
        <message>
            <source>Edit profiles …</source>
            <translation>Editar perfiles…</translation>
        </message>
        <message>
            <source>A profile of the answer was saved.</source>
            <translation>Se guardó el análisis de la respuesta.</translation>
        </message>
        <message>
            <source>It names functions and their times, and nothing that was said. It opens in any browser.</source>
            <translation>Nombra funciones y sus tiempos, y nada de lo que se dijo. Se abre en cualquier navegador.</translation>
        </message>
        <message>
            <source>New profile</source>
            <translation>Nuevo perfil</translation>
        </message>
        <message>
            <source>Duplicate</source>
            <translation>Duplicar</translation>
        </message>
        <message>
            <source>Name of the profile</source>
            <translation>Nombre del perfil</translation>
        </message>
        <message>
            <source>Create</source>
            <translation>Crear</translation>
        </message>
        <message>
            <source>There is none yet. A profile gives Jarvis another persona, voice, model or memory.</source>
            <translation>Todavía no hay ninguno. Un perfil da a Jarvis otra personalidad, voz, modelo o memoria.</translation>
        </message>
        <message>
            <source>Delete the profile {name}?</source>
            <translation>¿Eliminar el perfil {name}?</translation>
        </message>
        <message>
            <source>A name has up to 40 letters and digits, between them spaces, hyphens or underscores.</source>
            <translation>Un nombre tiene hasta 40 letras y cifras, y entre ellas espacios, guiones o guiones bajos.</translation>
        </message>
        <message>
            <source>There is a profile of this name already.</source>
            <translation>Ya hay un perfil con este nombre.</translation>
        </message>
        <message>
            <source>Its own chats are kept: a new profile of the same name has them again.</source>
            <translation>Sus conversaciones propias se conservan: un perfil nuevo con el mismo nombre las vuelve a tener.</translation>
        </message>
        <message>
            <source>{name} copy</source>
            <translation>{name} copia</translation>
        </message>
        <message>
            <source>Ask</source>
            <translation>Preguntar</translation>
        </message>
        <message>
            <source>Use the default</source>
            <translation>Usar el valor inicial</translation>
        </message>
        <message>
            <source>Default: {value}</source>
            <translation>Valor inicial: {value}</translation>
        </message>
        <message>
            <source>Restarts speech recognition</source>
            <translation>Reinicia el reconocimiento de voz</translation>
        </message>
        <message>
            <source>Restarts the voice</source>
            <translation>Reinicia la voz</translation>
        </message>
        <message>
            <source>Restarts the engine</source>
            <translation>Reinicia el motor</translation>
        </message>
        <message>
            <source>Takes effect at the next start</source>
            <translation>Se aplica al iniciar de nuevo</translation>
        </message>
        <message>
            <source>No graphics card</source>
            <translation>Sin tarjeta gráfica</translation>
        </message>
        <message>
            <source>{gib} GB of graphics memory</source>
            <translation>{gib} GB de memoria gráfica</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>Ajustes</translation>
        </message>
        <message>
            <source>Search settings</source>
            <translation>Buscar ajustes</translation>
        </message>
        <message>
            <source>Pages</source>
            <translation>Páginas</translation>
        </message>
        <message>
            <source>Show advanced</source>
            <translation>Mostrar avanzados</translation>
        </message>
        <message>
            <source>Suggested values</source>
            <translation>Valores sugeridos</translation>
        </message>
        <message>
            <source>Fills in values for a kind of machine; nothing is applied yet.</source>
            <translation>Rellena los valores para un tipo de equipo; aún no se aplica nada.</translation>
        </message>
        <message>
            <source>Shows what the microphone hears, and why Jarvis may not.</source>
            <translation>Muestra qué oye el micrófono y por qué Jarvis quizá no.</translation>
        </message>
        <message>
            <source>Open the guide</source>
            <translation>Abrir la guía</translation>
        </message>
        <message>
            <source>The four steps of the first start.</source>
            <translation>Los cuatro pasos del primer inicio.</translation>
        </message>
        <message>
            <source>Which version this is, and whether there is a newer one.</source>
            <translation>Qué versión es esta, y si hay una más nueva.</translation>
        </message>
        <message>
            <source>Privacy view</source>
            <translation>Vista de privacidad</translation>
        </message>
        <message>
            <source>Every connection, what is stored, and deleting it.</source>
            <translation>Cada conexión, qué hay guardado y cómo borrarlo.</translation>
        </message>
        <message>
            <source>No setting matches.</source>
            <translation>Ningún ajuste coincide.</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>Descartar</translation>
        </message>
        <message>
            <source>Apply</source>
            <translation>Aplicar</translation>
        </message>
        <message>
            <source>Models …</source>
            <translation>Modelos…</translation>
        </message>
        <message>
            <source>Talking with Jarvis</source>
            <translation>Hablar con Jarvis</translation>
        </message>
        <message>
            <source>Memory and privacy</source>
            <translation>Memoria y privacidad</translation>
        </message>
        <message>
            <source>Program</source>
            <translation>Programa</translation>
        </message>
        <message>
            <source>Deleted: {title}</source>
            <translation>Borrado: {title}</translation>
        </message>
        <message>
            <source>Deleted: {count} chats</source>
            <translation>Borrados: {count} chats</translation>
        </message>
        <message>
            <source>New private chat, of which nothing is kept (Ctrl+Shift+N)</source>
            <translation>Nuevo chat privado, del que no se guarda nada (Ctrl+Mayús+N)</translation>
        </message>
        <message>
            <source>Export or import chats</source>
            <translation>Exportar o importar chats</translation>
        </message>
        <message>
            <source>Search chats</source>
            <translation>Buscar chats</translation>
        </message>
        <message>
            <source>Hide the list of conversations</source>
            <translation>Ocultar la lista de conversaciones</translation>
        </message>
        <message>
            <source>No chat has these words.</source>
            <translation>Ningún chat tiene estas palabras.</translation>
        </message>
        <message>
            <source>Facts and notes from it stay in the memory.</source>
            <translation>Los datos y notas que salieron de él siguen en la memoria.</translation>
        </message>
        <message>
            <source>What Jarvis remembers (Ctrl+M)</source>
            <translation>Lo que Jarvis recuerda (Ctrl+M)</translation>
        </message>
        <message>
            <source>Your chats will be listed here.</source>
            <translation>Aquí verás tus conversaciones.</translation>
        </message>
        <message>
            <source>Pinned</source>
            <translation>Fijados</translation>
        </message>
        <message>
            <source>Export all chats …</source>
            <translation>Exportar todos los chats…</translation>
        </message>
        <message>
            <source>Import chats …</source>
            <translation>Importar chats…</translation>
        </message>
        <message>
            <source>Rename</source>
            <translation>Cambiar nombre</translation>
        </message>
        <message>
            <source>Plays what was recorded, and shows what was understood.</source>
            <translation>Reproduce lo grabado y muestra lo que se entendió.</translation>
        </message>
        <message>
            <source>Plays a rushing sound for four seconds, and listens. Keep quiet.</source>
            <translation>Reproduce un sonido de viento durante cuatro segundos y escucha. Guarda silencio.</translation>
        </message>
        <message>
            <source>Record three seconds</source>
            <translation>Grabar tres segundos</translation>
        </message>
        <message>
            <source>Test the loudspeaker</source>
            <translation>Probar el altavoz</translation>
        </message>
        <message>
            <source>Test the echo</source>
            <translation>Probar el eco</translation>
        </message>
        <message>
            <source>Recording: speak now …</source>
            <translation>Grabando: habla ahora…</translation>
        </message>
        <message>
            <source>This is what I heard …</source>
            <translation>Esto es lo que oí…</translation>
        </message>
        <message>
            <source>Playing and listening: keep quiet …</source>
            <translation>Reproduciendo y escuchando: guarda silencio…</translation>
        </message>
        <message>
            <source>Playing four notes …</source>
            <translation>Sonando cuatro notas…</translation>
        </message>
        <message>
            <source>Plays four notes.</source>
            <translation>Toca cuatro notas.</translation>
        </message>
        <message>
            <source>Understood ({language}): “{text}”</source>
            <translation>Entendido ({language}): «{text}»</translation>
        </message>
        <message>
            <source>Heard after {delay} ms, and only {removed} dB of it removed: Jarvis may hear itself. Turn the loudspeaker down, or use headphones.</source>
            <translation>Se oye tras {delay} ms y solo se quitan {removed} dB: Jarvis puede oírse a sí mismo. Baja el altavoz o usa auriculares.</translation>
        </message>
        <message>
            <source>No words were understood.</source>
            <translation>No se entendió ninguna palabra.</translation>
        </message>
        <message>
            <source>Understood, but not surely: “{text}”</source>
            <translation>Entendido, sin seguridad: «{text}»</translation>
        </message>
        <message>
            <source>The microphone does not hear the loudspeaker: headphones, or it is turned down. No echo.</source>
            <translation>El micrófono no oye el altavoz: hay auriculares o está bajado. No hay eco.</translation>
        </message>
        <message>
            <source>Heard after {delay} ms, and {removed} dB of it removed: you can interrupt by voice.</source>
            <translation>Se oye tras {delay} ms y se quitan {removed} dB: puedes interrumpir con la voz.</translation>
        </message>
        <message>
            <source>Heard after {delay} ms, and {removed} dB of it removed: turn the loudspeaker down a little.</source>
            <translation>Se oye tras {delay} ms y se quitan {removed} dB: baja un poco el altavoz.</translation>
        </message>
        <message>
            <source>right</source>
            <translation>bien</translation>
        </message>
        <message>
            <source>wrong</source>
            <translation>mal</translation>
        </message>
        <message>
            <source>not known yet</source>
            <translation>aún no se sabe</translation>
        </message>
        <message>
            <source>Is the microphone there?</source>
            <translation>¿Está el micrófono?</translation>
        </message>
        <message>
            <source>Does the system let it through?</source>
            <translation>¿Lo deja pasar el sistema?</translation>
        </message>
        <message>
            <source>Is it loud enough?</source>
            <translation>¿Suena lo bastante alto?</translation>
        </message>
        <message>
            <source>Is your voice told from noise?</source>
            <translation>¿Se distingue tu voz del ruido?</translation>
        </message>
        <message>
            <source>Is speech recognition loaded?</source>
            <translation>¿Está cargado el reconocimiento de voz?</translation>
        </message>
        <message>
            <source>Is your language understood?</source>
            <translation>¿Se entiende tu idioma?</translation>
        </message>
        <message>
            <source>Use the system's microphone</source>
            <translation>Usar el micrófono del sistema</translation>
        </message>
        <message>
            <source>Unmute</source>
            <translation>Activar</translation>
        </message>
        <message>
            <source>Use the usual level</source>
            <translation>Usar el nivel habitual</translation>
        </message>
        <message>
            <source>Load again</source>
            <translation>Cargar de nuevo</translation>
        </message>
        <message>
            <source>Find out by itself</source>
            <translation>Que lo averigüe solo</translation>
        </message>
        <message>
            <source>No sound at all</source>
            <translation>Nada de sonido</translation>
        </message>
        <message>
            <source>Too quiet: say something</source>
            <translation>Demasiado bajo: di algo</translation>
        </message>
        <message>
            <source>Good</source>
            <translation>Bien</translation>
        </message>
        <message>
            <source>Clipping: too loud</source>
            <translation>Se recorta: demasiado alto</translation>
        </message>
        <message>
            <source>Bluetooth headset: while its microphone is open it sounds like a telephone ({rate} kHz, mono). Choose another microphone to keep its sound good.</source>
            <translation>Auriculares Bluetooth: mientras su micrófono está abierto suenan como un teléfono ({rate} kHz, mono). Elige otro micrófono para que suenen bien.</translation>
        </message>
        <message>
            <source>Telephone quality (8 kHz): words are recognised worse. Choose another microphone.</source>
            <translation>Calidad de teléfono (8 kHz): las palabras se reconocen peor. Elige otro micrófono.</translation>
        </message>
        <message>
            <source>Unusual sample rate ({rate} Hz): it is converted.</source>
            <translation>Frecuencia de muestreo poco común ({rate} Hz): se convierte.</translation>
        </message>
        <message>
            <source>Status</source>
            <translation>Estado</translation>
        </message>
        <message>
            <source>Hide the status panel</source>
            <translation>Ocultar el panel de estado</translation>
        </message>
        <message>
            <source>Download, check and remove models (Ctrl+Shift+M)</source>
            <translation>Descargar, comprobar y quitar modelos (Ctrl+Mayús+M)</translation>
        </message>
        <message>
            <source>Last turn {time}</source>
            <translation>Último turno {time}</translation>
        </message>
        <message>
            <source>{speed} tokens/s</source>
            <translation>{speed} tokens/s</translation>
        </message>
        <message>
            <source>Jarvis wants to use {tool}</source>
            <translation>Jarvis quiere usar {tool}</translation>
        </message>
        <message>
            <source>Used {tool} – {result}</source>
            <translation>Ha usado {tool} – {result}</translation>
        </message>
        <message>
            <source>Asked anew, because the answer builds on text from outside, which may try to mislead.</source>
            <translation>Se pregunta de nuevo porque la respuesta se apoya en texto de fuera, que podría intentar engañar.</translation>
        </message>
        <message>
            <source>Jarvis wants to use {tool} of {server}</source>
            <translation>Jarvis quiere usar {tool} de {server}</translation>
        </message>
        <message>
            <source>Did not use {tool}</source>
            <translation>No ha usado {tool}</translation>
        </message>
        <message>
            <source>{tool} failed: {reason}</source>
            <translation>{tool} ha fallado: {reason}</translation>
        </message>
        <message>
            <source>Used {tool} = {result}</source>
            <translation>Ha usado {tool} = {result}</translation>
        </message>
        <message>
            <source>Calculator</source>
            <translation>Calculadora</translation>
        </message>
        <message>
            <source>Clock</source>
            <translation>Reloj</translation>
        </message>
        <message>
            <source>Timer</source>
            <translation>Temporizador</translation>
        </message>
        <message>
            <source>List of timers</source>
            <translation>Lista de temporizadores</translation>
        </message>
        <message>
            <source>Cancel a timer</source>
            <translation>Cancelar un temporizador</translation>
        </message>
        <message>
            <source>Past conversations</source>
            <translation>Conversaciones anteriores</translation>
        </message>
        <message>
            <source>Always allow</source>
            <translation>Permitir siempre</translation>
        </message>
        <message>
            <source>Hands-free</source>
            <translation>Manos libres</translation>
        </message>
        <message>
            <source>Wake word “Hey Jarvis”</source>
            <translation>Palabra de activación «Hey Jarvis»</translation>
        </message>
        <message>
            <source>What Jarvis remembers …</source>
            <translation>Lo que Jarvis recuerda…</translation>
        </message>
        <message>
            <source>Privacy …</source>
            <translation>Privacidad…</translation>
        </message>
        <message>
            <source>Show Jarvis</source>
            <translation>Mostrar Jarvis</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>Salir</translation>
        </message>
        <message>
            <source>Finish talking</source>
            <translation>Terminar de hablar</translation>
        </message>
        <message>
            <source>Talk</source>
            <translation>Hablar</translation>
        </message>
        <message>
            <source>Turn {number} of {count}, at {time}: {wait}</source>
            <translation>Turno {number} de {count}, a las {time}: {wait}</translation>
        </message>
        <message>
            <source>Last turn</source>
            <translation>Último turno</translation>
        </message>
        <message>
            <source>Earlier turns</source>
            <translation>Turnos anteriores</translation>
        </message>
        <message>
            <source>Ask something: here you will see where the time goes.</source>
            <translation>Pregunta algo: aquí verás en qué se va el tiempo.</translation>
        </message>
        <message>
            <source>Cancel the profile</source>
            <translation>Cancelar el análisis</translation>
        </message>
        <message>
            <source>Profile the next answer</source>
            <translation>Analizar la próxima respuesta</translation>
        </message>
        <message>
            <source>Turn at {time}</source>
            <translation>Turno de las {time}</translation>
        </message>
        <message>
            <source>Energy: not measurable on this computer</source>
            <translation>Energía: no se puede medir en este equipo</translation>
        </message>
        <message>
            <source>How long you waited in each turn: click one, or use the arrow keys</source>
            <translation>Cuánto esperaste en cada turno: haz clic en uno o usa las flechas</translation>
        </message>
        <message>
            <source>Writes down in which functions of Jarvis the time goes, and nothing that is said</source>
            <translation>Anota en qué funciones de Jarvis se va el tiempo, y nada de lo que se dice</translation>
        </message>
        <message>
            <source>no answer</source>
            <translation>sin respuesta</translation>
        </message>
        <message>
            <source>{difference} slower than usual ({usual})</source>
            <translation>{difference} más lento de lo habitual ({usual})</translation>
        </message>
        <message>
            <source>Energy: {parts}</source>
            <translation>Energía: {parts}</translation>
        </message>
        <message>
            <source>{took}, usually {usual}</source>
            <translation>{took}, normalmente {usual}</translation>
        </message>
        <message>
            <source>Finding the answer given before took longest ({took}).</source>
            <translation>Lo que más tardó fue encontrar la respuesta dada antes ({took}).</translation>
        </message>
        <message>
            <source>The first word had to wait for a tool ({took}).</source>
            <translation>La primera palabra tuvo que esperar a una herramienta ({took}).</translation>
        </message>
        <message>
            <source>As quick as usual ({usual})</source>
            <translation>Tan rápido como siempre ({usual})</translation>
        </message>
        <message>
            <source>{difference} quicker than usual ({usual})</source>
            <translation>{difference} más rápido de lo habitual ({usual})</translation>
        </message>
        <message>
            <source>graphics card</source>
            <translation>tarjeta gráfica</translation>
        </message>
        <message>
            <source>processor</source>
            <translation>procesador</translation>
        </message>
        <message>
            <source>You spoke</source>
            <translation>Hablaste</translation>
        </message>
        <message>
            <source>Silence</source>
            <translation>Silencio</translation>
        </message>
        <message>
            <source>Understand</source>
            <translation>Entender</translation>
        </message>
        <message>
            <source>Remember</source>
            <translation>Recordar</translation>
        </message>
        <message>
            <source>Load model</source>
            <translation>Cargar modelo</translation>
        </message>
        <message>
            <source>First word</source>
            <translation>Primera palabra</translation>
        </message>
        <message>
            <source>First sentence</source>
            <translation>Primera frase</translation>
        </message>
        <message>
            <source>Voice</source>
            <translation>Voz</translation>
        </message>
        <message>
            <source>Whole turn</source>
            <translation>Turno completo</translation>
        </message>
        <message>
            <source>Waiting until you had surely finished took longest ({took}). A shorter pause, or letting the key go sooner, is quicker.</source>
            <translation>Lo que más tardó fue esperar a que hubieras terminado seguro ({took}). Con una pausa más corta, o soltando antes la tecla, es más rápido.</translation>
        </message>
        <message>
            <source>Understanding your speech took longest ({took}). A smaller model is quicker.</source>
            <translation>Lo que más tardó fue entender tu voz ({took}). Un modelo más pequeño es más rápido.</translation>
        </message>
        <message>
            <source>Looking into the memory took longest ({took}).</source>
            <translation>Lo que más tardó fue consultar la memoria ({took}).</translation>
        </message>
        <message>
            <source>The language model had to be loaded first ({took}).</source>
            <translation>Primero hubo que cargar el modelo de lenguaje ({took}).</translation>
        </message>
        <message>
            <source>The language model's first word took longest ({took}). A smaller model is quicker.</source>
            <translation>Lo que más tardó fue la primera palabra del modelo de lenguaje ({took}). Un modelo más pequeño es más rápido.</translation>
        </message>
        <message>
            <source>Writing the first sentence took longest ({took}). A smaller model is quicker.</source>
            <translation>Lo que más tardó fue escribir la primera frase ({took}). Un modelo más pequeño es más rápido.</translation>
        </message>
        <message>
            <source>Making the voice took longest ({took}).</source>
            <translation>Lo que más tardó fue preparar la voz ({took}).</translation>
        </message>
        <message>
            <source>Speech to text: {time}</source>
            <translation>De voz a texto: {time}</translation>
        </message>
        <message>
            <source>Voice to voice: {time}</source>
            <translation>De voz a voz: {time}</translation>
        </message>
        <message>
            <source>{speed} tokens per second</source>
            <translation>{speed} tokens por segundo</translation>
        </message>
        <message>
            <source>{percent} % of the prompt had been read before</source>
            <translation>El {percent} % de la entrada ya estaba leído</translation>
        </message>
        <message>
            <source>From memory: {count}</source>
            <translation>De la memoria: {count}</translation>
        </message>
        <message>
            <source>From the files of this chat: {count}</source>
            <translation>De los archivos de este chat: {count}</translation>
        </message>
        <message>
            <source>Memory left out: it took too long</source>
            <translation>Sin la memoria: tardaba demasiado</translation>
        </message>
        <message>
            <source>Memory left out: it was still being opened</source>
            <translation>Memoria omitida: aún se estaba abriendo</translation>
        </message>
        <message>
            <source>{joules} J {device}</source>
            <translation>{joules} J {device}</translation>
        </message>
        <message>
            <source>Memory left out: it failed</source>
            <translation>Sin la memoria: ha fallado</translation>
        </message>
        <message>
            <source>Memory searched by words only</source>
            <translation>Memoria buscada solo por palabras</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>Buscar</translation>
        </message>
        <message>
            <source>Clear</source>
            <translation>Borrar</translation>
        </message>
        <message>
            <source>{seconds} s</source>
            <translation>{seconds} s</translation>
        </message>
        <message>
            <source>{used} of {total} GB</source>
            <translation>{used} de {total} GB</translation>
        </message>
        <message>
            <source>{kind} ({score} of 100)</source>
            <translation>{kind} ({score} de 100)</translation>
        </message>
        <message>
            <source>loading, {percent} %</source>
            <translation>cargando, {percent} %</translation>
        </message>
        <message>
            <source>Loading: {parts}</source>
            <translation>Cargando: {parts}</translation>
        </message>
        <message>
            <source>{amount} MiB</source>
            <translation>{amount} MiB</translation>
        </message>
        <message>
            <source>{amount} kB</source>
            <translation>{amount} kB</translation>
        </message>
        <message>
            <source>{kind} ({score} of 100), answered before</source>
            <translation>{kind} ({score} de 100), ya respondida</translation>
        </message>
        <message>
            <source>{running} running, {waiting} waiting</source>
            <translation>{running} en marcha, {waiting} en espera</translation>
        </message>
        <message>
            <source>cache {percent} % full</source>
            <translation>caché al {percent} %</translation>
        </message>
        <message>
            <source>Thought ahead: saved {time} ms</source>
            <translation>Pensó por adelantado: {time} ms ganados</translation>
        </message>
        <message>
            <source>Thought ahead in vain: 1 draft, {tokens} tokens discarded</source>
            <translation>Pensó por adelantado en vano: 1 borrador, {tokens} tokens descartados</translation>
        </message>
        <message>
            <source>Thought ahead in vain: {drafts} drafts, {tokens} tokens discarded</source>
            <translation>Pensó por adelantado en vano: {drafts} borradores, {tokens} tokens descartados</translation>
        </message>
        <message>
            <source>Language model</source>
            <translation>Modelo de lenguaje</translation>
        </message>
        <message>
            <source>not downloaded</source>
            <translation>sin descargar</translation>
        </message>
        <message>
            <source>loading</source>
            <translation>cargando</translation>
        </message>
        <message>
            <source>ready</source>
            <translation>listo</translation>
        </message>
        <message>
            <source>failed</source>
            <translation>con error</translation>
        </message>
        <message>
            <source>not loaded</source>
            <translation>sin cargar</translation>
        </message>
        <message>
            <source>Simple question</source>
            <translation>Pregunta sencilla</translation>
        </message>
        <message>
            <source>Technical question</source>
            <translation>Pregunta técnica</translation>
        </message>
        <message>
            <source>Hard question</source>
            <translation>Pregunta difícil</translation>
        </message>
        <message>
            <source>{percent} % read before</source>
            <translation>{percent} % ya leído</translation>
        </message>
        <message>
            <source>first word after {time}</source>
            <translation>primera palabra tras {time}</translation>
        </message>
        <message>
            <source>Answered before: {count} of {all} questions of general knowledge</source>
            <translation>Ya respondidas: {count} de {all} preguntas de cultura general</translation>
        </message>
        <message>
            <source>{percent} % of what the memory read was known to it</source>
            <translation>La memoria ya conocía el {percent} % de lo que leyó</translation>
        </message>
        <message>
            <source>Thought ahead: saved {time} ms, {tokens} tokens discarded</source>
            <translation>Pensó por adelantado: {time} ms ganados, {tokens} tokens descartados</translation>
        </message>
    </context>
    <context>
        <name>settings</name>
        <message>
            <source>Look</source>
            <translation>Aspecto</translation>
        </message>
        <message>
            <source>How the window looks.</source>
            <translation>Cómo se ve la ventana.</translation>
        </message>
        <message>
            <source>Desktop</source>
            <translation>Escritorio</translation>
        </message>
        <message>
            <source>How Jarvis is reached and heard of while you work in other programs.</source>
            <translation>Cómo llegas a Jarvis y sabes de él mientras trabajas en otros programas.</translation>
        </message>
        <message>
            <source>Audio</source>
            <translation>Sonido</translation>
        </message>
        <message>
            <source>Which microphone and loudspeaker to use.</source>
            <translation>Qué micrófono y qué altavoz se usan.</translation>
        </message>
        <message>
            <source>Listening</source>
            <translation>Escucha</translation>
        </message>
        <message>
            <source>When speech begins and when a turn ends.</source>
            <translation>Cuándo empieza la voz y cuándo termina un turno.</translation>
        </message>
        <message>
            <source>Wake word</source>
            <translation>Palabra de activación</translation>
        </message>
        <message>
            <source>Calling Jarvis by name. Only this machine listens.</source>
            <translation>Llamar a Jarvis por su nombre. Solo escucha este equipo.</translation>
        </message>
        <message>
            <source>Transcription</source>
            <translation>Transcripción</translation>
        </message>
        <message>
            <source>How speech becomes text.</source>
            <translation>Cómo se convierte la voz en texto.</translation>
        </message>
        <message>
            <source>Voice</source>
            <translation>Voz</translation>
        </message>
        <message>
            <source>How Jarvis speaks.</source>
            <translation>Cómo habla Jarvis.</translation>
        </message>
        <message>
            <source>Engine</source>
            <translation>Motor</translation>
        </message>
        <message>
            <source>Which language model answers, and how.</source>
            <translation>Qué modelo de lenguaje responde, y cómo.</translation>
        </message>
        <message>
            <source>vLLM</source>
            <translation>vLLM</translation>
        </message>
        <message>
            <source>How vLLM uses the graphics card.</source>
            <translation>Cómo usa vLLM la tarjeta gráfica.</translation>
        </message>
        <message>
            <source>Remote</source>
            <translation>Remoto</translation>
        </message>
        <message>
            <source>A server elsewhere that speaks OpenAI's protocol. Its key is read from JARVIS_REMOTE_API_KEY.</source>
            <translation>Un servidor en otro lugar que habla el protocolo de OpenAI. Su clave se lee de JARVIS_REMOTE_API_KEY.</translation>
        </message>
        <message>
            <source>Models in memory</source>
            <translation>Modelos en memoria</translation>
        </message>
        <message>
            <source>When models leave memory. They load again by themselves when they are needed.</source>
            <translation>Cuándo dejan los modelos la memoria. Se cargan de nuevo por sí solos cuando hacen falta.</translation>
        </message>
        <message>
            <source>Kinds of question</source>
            <translation>Clases de pregunta</translation>
        </message>
        <message>
            <source>How the prompt and the model are fitted to a question.</source>
            <translation>Cómo se ajustan las instrucciones y el modelo a cada pregunta.</translation>
        </message>
        <message>
            <source>Conversation</source>
            <translation>Conversación</translation>
        </message>
        <message>
            <source>What the model is told and remembers within a conversation.</source>
            <translation>Qué se le dice al modelo y qué recuerda dentro de una conversación.</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>Memoria</translation>
        </message>
        <message>
            <source>Long-term memory: conversations, notes and documents, on this machine only.</source>
            <translation>Memoria a largo plazo: conversaciones, notas y documentos, solo en este equipo.</translation>
        </message>
        <message>
            <source>Tools</source>
            <translation>Herramientas</translation>
        </message>
        <message>
            <source>What the language model may have done for it.</source>
            <translation>Lo que el modelo de lenguaje puede encargar.</translation>
        </message>
        <message>
            <source>Other programs</source>
            <translation>Otros programas</translation>
        </message>
        <message>
            <source>Lets other programs on this computer use the models, by OpenAI's protocol. Each needs a token.</source>
            <translation>Permite que otros programas de este equipo usen los modelos, con el protocolo de OpenAI. Cada uno necesita una clave.</translation>
        </message>
        <message>
            <source>Privacy</source>
            <translation>Privacidad</translation>
        </message>
        <message>
            <source>What may leave this computer. The privacy view lists every connection.</source>
            <translation>Qué puede salir de este equipo. La vista de privacidad muestra cada conexión.</translation>
        </message>
        <message>
            <source>Logging</source>
            <translation>Registro</translation>
        </message>
        <message>
            <source>What is written down for finding faults. What you say is never logged.</source>
            <translation>Qué se anota para encontrar fallos. Lo que dices nunca se anota.</translation>
        </message>
        <message>
            <source>Updates</source>
            <translation>Actualizaciones</translation>
        </message>
        <message>
            <source>Where newer versions of Jarvis are told of. It never looks by itself.</source>
            <translation>Dónde se anuncian versiones nuevas de Jarvis. Nunca mira por su cuenta.</translation>
        </message>
        <message>
            <source>Profiles</source>
            <translation>Perfiles</translation>
        </message>
        <message>
            <source>Another face of Jarvis: what is set here holds instead of the settings while the profile is in use.</source>
            <translation>Otra cara de Jarvis: lo que pongas aquí vale en lugar de los ajustes mientras uses el perfil.</translation>
        </message>
        <message>
            <source>What is kept, what may go elsewhere, and when Jarvis listens.</source>
            <translation>Qué se guarda, qué puede salir de aquí y cuándo escucha Jarvis.</translation>
        </message>
        <message>
            <source>Shortcuts</source>
            <translation>Atajos</translation>
        </message>
        <message>
            <source>Keys of your own choice; the guide lists all the others.</source>
            <translation>Teclas que eliges tú; la guía enumera las demás.</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>Idioma</translation>
        </message>
        <message>
            <source>Language of the window. Automatic follows the system.</source>
            <translation>Idioma de la ventana. Automático usa el del sistema.</translation>
        </message>
        <message>
            <source>Theme</source>
            <translation>Tema</translation>
        </message>
        <message>
            <source>Automatic follows the system's light or dark setting.</source>
            <translation>Automático sigue el modo claro u oscuro del sistema.</translation>
        </message>
        <message>
            <source>Text size</source>
            <translation>Tamaño del texto</translation>
        </message>
        <message>
            <source>Size of all text.</source>
            <translation>Tamaño de todo el texto.</translation>
        </message>
        <message>
            <source>Less motion</source>
            <translation>Menos movimiento</translation>
        </message>
        <message>
            <source>Nothing turns or glides in the window. Automatic follows the system.</source>
            <translation>Nada gira ni se desliza en la ventana. Automático sigue al sistema.</translation>
        </message>
        <message>
            <source>Guide at the start</source>
            <translation>Guía al empezar</translation>
        </message>
        <message>
            <source>The next start shows what this machine can do, the models, the sound and what stays private.</source>
            <translation>El próximo inicio muestra qué puede hacer este equipo, los modelos, el sonido y qué queda en privado.</translation>
        </message>
        <message>
            <source>Talk from anywhere</source>
            <translation>Hablar desde cualquier programa</translation>
        </message>
        <message>
            <source>Keys that talk to Jarvis while another program has the keyboard.</source>
            <translation>Teclas para hablar con Jarvis mientras otro programa tiene el teclado.</translation>
        </message>
        <message>
            <source>Dictate from anywhere</source>
            <translation>Dictar desde cualquier programa</translation>
        </message>
        <message>
            <source>Keys to speak into the program that has the keyboard: what you say is typed there, as if on the keyboard, and kept nowhere. Held or pressed twice, as the talk key. Ctrl+Alt+D suits most desktops.</source>
            <translation>Teclas para dictar en el programa que tiene el teclado: lo que dices se escribe ahí, como con el teclado, y no se guarda. Se mantienen o se pulsan dos veces, como la tecla de hablar. Ctrl+Alt+D sirve en casi todos los escritorios.</translation>
        </message>
        <message>
            <source>Show or hide the window</source>
            <translation>Mostrar u ocultar la ventana</translation>
        </message>
        <message>
            <source>Keys that bring the window to the front, or put it away.</source>
            <translation>Teclas que traen la ventana al frente o la retiran.</translation>
        </message>
        <message>
            <source>Notifications</source>
            <translation>Notificaciones</translation>
        </message>
        <message>
            <source>Tell of answers, timers and questions of tools while the window is not in sight. What is said in private is never repeated there.</source>
            <translation>Avisan de respuestas, temporizadores y preguntas de herramientas mientras la ventana no está a la vista. Lo dicho en privado nunca se repite ahí.</translation>
        </message>
        <message>
            <source>Start when you log in</source>
            <translation>Iniciar con la sesión</translation>
        </message>
        <message>
            <source>Jarvis starts with your session, in the tray.</source>
            <translation>Jarvis se inicia con tu sesión, en la bandeja.</translation>
        </message>
        <message>
            <source>Keep running when the window is closed</source>
            <translation>Seguir en marcha al cerrar la ventana</translation>
        </message>
        <message>
            <source>Closing the window leaves Jarvis in the tray, or minimised where there is none. Off: it quits.</source>
            <translation>Al cerrar la ventana, Jarvis queda en la bandeja, o minimizado si no la hay. Desactivado: se cierra.</translation>
        </message>
        <message>
            <source>Microphone</source>
            <translation>Micrófono</translation>
        </message>
        <message>
            <source>Name of the input device. Empty uses the system's default.</source>
            <translation>Nombre del dispositivo de entrada. Vacío usa el predeterminado del sistema.</translation>
        </message>
        <message>
            <source>Loudspeaker</source>
            <translation>Altavoz</translation>
        </message>
        <message>
            <source>Name of the output device. Empty uses the system's default.</source>
            <translation>Nombre del dispositivo de salida. Vacío usa el predeterminado del sistema.</translation>
        </message>
        <message>
            <source>Echo cancellation</source>
            <translation>Cancelación de eco</translation>
        </message>
        <message>
            <source>Takes Jarvis' voice out of what the microphone hears, so that loudspeakers work like headphones.</source>
            <translation>Quita la voz de Jarvis de lo que oye el micrófono, para que con altavoces funcione como con auriculares.</translation>
        </message>
        <message>
            <source>Talk key</source>
            <translation>Tecla de hablar</translation>
        </message>
        <message>
            <source>Hold it while you speak, or press it once to begin and once to end.</source>
            <translation>Mantenla mientras hablas, o púlsala una vez para empezar y otra para terminar.</translation>
        </message>
        <message>
            <source>Interrupt by voice</source>
            <translation>Interrumpir con la voz</translation>
        </message>
        <message>
            <source>Speaking while Jarvis speaks makes it stop and listen.</source>
            <translation>Si hablas mientras habla Jarvis, se detiene y te escucha.</translation>
        </message>
        <message>
            <source>Judge the end of a turn</source>
            <translation>Juzgar el final del turno</translation>
        </message>
        <message>
            <source>Listens to how a sentence ends, so that thinking aloud is not cut off. Off: silence alone decides.</source>
            <translation>Atiende a cómo acaba la frase, para no cortarte cuando piensas en voz alta. Desactivado: solo decide el silencio.</translation>
        </message>
        <message>
            <source>Shortest pause</source>
            <translation>Pausa mínima</translation>
        </message>
        <message>
            <source>No turn ends before this much silence.</source>
            <translation>Ningún turno termina antes de este silencio.</translation>
        </message>
        <message>
            <source>Longest pause</source>
            <translation>Pausa máxima</translation>
        </message>
        <message>
            <source>After this much silence a turn ends in any case.</source>
            <translation>Tras este silencio el turno termina en todo caso.</translation>
        </message>
        <message>
            <source>Adapt to your pauses</source>
            <translation>Adaptarse a tus pausas</translation>
        </message>
        <message>
            <source>Waits longer for people who pause longer within a sentence.</source>
            <translation>Espera más si haces pausas más largas dentro de una frase.</translation>
        </message>
        <message>
            <source>Pause that ends a turn</source>
            <translation>Pausa que termina un turno</translation>
        </message>
        <message>
            <source>Silence that ends a turn where the end is not judged.</source>
            <translation>Silencio que termina un turno cuando no se juzga su final.</translation>
        </message>
        <message>
            <source>Voice gate</source>
            <translation>Filtro de voz</translation>
        </message>
        <message>
            <source>How strictly sound is judged as speech: 0 lenient, 3 strict.</source>
            <translation>Con qué rigor se juzga si un sonido es voz: 0 tolerante, 3 estricto.</translation>
        </message>
        <message>
            <source>Silence level</source>
            <translation>Nivel de silencio</translation>
        </message>
        <message>
            <source>Sound below this level is never speech.</source>
            <translation>Un sonido por debajo de este nivel nunca es voz.</translation>
        </message>
        <message>
            <source>Speech start</source>
            <translation>Inicio de la voz</translation>
        </message>
        <message>
            <source>Voice needed before a turn begins.</source>
            <translation>Voz necesaria antes de que empiece un turno.</translation>
        </message>
        <message>
            <source>Pre-roll</source>
            <translation>Sonido previo</translation>
        </message>
        <message>
            <source>Sound kept from before speech was noticed, so that no first word is lost.</source>
            <translation>Sonido que se guarda de antes de notar la voz, para no perder la primera palabra.</translation>
        </message>
        <message>
            <source>Shortest utterance</source>
            <translation>Frase más corta</translation>
        </message>
        <message>
            <source>Voice shorter than this is taken for a click or cough.</source>
            <translation>Una voz más corta se toma por un chasquido o una tos.</translation>
        </message>
        <message>
            <source>Longest utterance</source>
            <translation>Frase más larga</translation>
        </message>
        <message>
            <source>A turn ends after this time, also while the talk key is held.</source>
            <translation>Un turno termina tras este tiempo, también mientras mantienes la tecla de hablar.</translation>
        </message>
        <message>
            <source>The microphone stays open, and “Hey Jarvis” begins a turn.</source>
            <translation>El micrófono queda abierto y «Hey Jarvis» empieza un turno.</translation>
        </message>
        <message>
            <source>Strictness</source>
            <translation>Rigor</translation>
        </message>
        <message>
            <source>How sure the wake word must be: lower wakes easier, higher more rarely by mistake.</source>
            <translation>Con qué seguridad debe reconocerse: más bajo despierta más fácilmente; más alto, menos por error.</translation>
        </message>
        <message>
            <source>Also by name alone</source>
            <translation>También solo con el nombre</translation>
        </message>
        <message>
            <source>“Jarvis” without “Hey” wakes as well.</source>
            <translation>También despierta con «Jarvis», sin «Hey».</translation>
        </message>
        <message>
            <source>Sound on waking</source>
            <translation>Sonido al despertar</translation>
        </message>
        <message>
            <source>A short sound tells that Jarvis is listening.</source>
            <translation>Un sonido breve avisa de que Jarvis escucha.</translation>
        </message>
        <message>
            <source>Stay awake</source>
            <translation>Tiempo despierto</translation>
        </message>
        <message>
            <source>Silence after which Jarvis sleeps again.</source>
            <translation>Silencio tras el que Jarvis vuelve a dormirse.</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>Modelo</translation>
        </message>
        <message>
            <source>Whisper model from the catalogue.</source>
            <translation>Modelo Whisper del catálogo.</translation>
        </message>
        <message>
            <source>Spoken language</source>
            <translation>Idioma hablado</translation>
        </message>
        <message>
            <source>Fixing the language is a little faster and surer than detecting it.</source>
            <translation>Fijar el idioma es algo más rápido y seguro que detectarlo.</translation>
        </message>
        <message>
            <source>Your words</source>
            <translation>Tus palabras</translation>
        </message>
        <message>
            <source>Names and terms you use, separated by commas: they are recognised more often.</source>
            <translation>Nombres y términos que usas, separados por comas: se reconocen mejor.</translation>
        </message>
        <message>
            <source>Run on</source>
            <translation>Ejecutar en</translation>
        </message>
        <message>
            <source>Automatic uses the graphics card where there is one.</source>
            <translation>Automático usa la tarjeta gráfica si la hay.</translation>
        </message>
        <message>
            <source>Precision</source>
            <translation>Precisión</translation>
        </message>
        <message>
            <source>Automatic: int8 on the processor, float16 on the graphics card.</source>
            <translation>Automático: int8 en el procesador, float16 en la tarjeta gráfica.</translation>
        </message>
        <message>
            <source>Threads</source>
            <translation>Hilos</translation>
        </message>
        <message>
            <source>Processor threads; 0 chooses.</source>
            <translation>Hilos del procesador; 0 elige solo.</translation>
        </message>
        <message>
            <source>Beam size</source>
            <translation>Amplitud de búsqueda</translation>
        </message>
        <message>
            <source>Alternatives weighed for the final text; more is slower and a little better.</source>
            <translation>Alternativas que se comparan para el texto final; más es más lento y algo mejor.</translation>
        </message>
        <message>
            <source>Live text interval</source>
            <translation>Intervalo del texto en vivo</translation>
        </message>
        <message>
            <source>How often the text is revised while you speak.</source>
            <translation>Cada cuánto se revisa el texto mientras hablas.</translation>
        </message>
        <message>
            <source>Piper voice from the catalogue.</source>
            <translation>Voz Piper del catálogo.</translation>
        </message>
        <message>
            <source>Spanish voice</source>
            <translation>Voz en español</translation>
        </message>
        <message>
            <source>Piper voice for Spanish answers. Empty: the voice above reads them, with its accent.</source>
            <translation>Voz de Piper para las respuestas en español. Vacío: las lee la voz de arriba, con su acento.</translation>
        </message>
        <message>
            <source>Speed</source>
            <translation>Velocidad</translation>
        </message>
        <message>
            <source>1 is the voice's own pace.</source>
            <translation>1 es el ritmo propio de la voz.</translation>
        </message>
        <message>
            <source>Muted</source>
            <translation>Sin voz</translation>
        </message>
        <message>
            <source>Replies are shown and not spoken.</source>
            <translation>Las respuestas se muestran y no se leen.</translation>
        </message>
        <message>
            <source>llama.cpp runs everywhere; vLLM is for graphics cards; remote is a server.</source>
            <translation>llama.cpp funciona en cualquier equipo; vLLM es para tarjetas gráficas; remoto es un servidor.</translation>
        </message>
        <message>
            <source>Language model from the catalogue.</source>
            <translation>Modelo de lenguaje del catálogo.</translation>
        </message>
        <message>
            <source>Context</source>
            <translation>Contexto</translation>
        </message>
        <message>
            <source>How much of the conversation the model sees; more takes more memory.</source>
            <translation>Cuánto de la conversación ve el modelo; más ocupa más memoria.</translation>
        </message>
        <message>
            <source>Answers side by side</source>
            <translation>Respuestas a la vez</translation>
        </message>
        <message>
            <source>How many llama.cpp generates at once, each with a context of its own. 0: one, and while other programs are let in as many more as they may have at once.</source>
            <translation>Cuántas genera llama.cpp a la vez, cada una con su propio contexto. 0: una y, mientras se deja entrar a otros programas, tantas más como puedan tener a la vez.</translation>
        </message>
        <message>
            <source>Processor threads for answers; 0 leaves a core to speech.</source>
            <translation>Hilos del procesador para las respuestas; 0 deja un núcleo para la voz.</translation>
        </message>
        <message>
            <source>Port</source>
            <translation>Puerto</translation>
        </message>
        <message>
            <source>Loopback port of the engine; 0 takes any free one.</source>
            <translation>Puerto local del motor; 0 toma cualquiera libre.</translation>
        </message>
        <message>
            <source>Longest answer</source>
            <translation>Respuesta más larga</translation>
        </message>
        <message>
            <source>An answer is cut after this many tokens.</source>
            <translation>Una respuesta se corta tras este número de tokens.</translation>
        </message>
        <message>
            <source>Variety</source>
            <translation>Variedad</translation>
        </message>
        <message>
            <source>0 always answers alike; higher is freer.</source>
            <translation>0 responde siempre igual; más alto es más libre.</translation>
        </message>
        <message>
            <source>Python environment</source>
            <translation>Entorno de Python</translation>
        </message>
        <message>
            <source>Python interpreter that has vLLM installed. Empty looks in Jarvis' own environments.</source>
            <translation>Intérprete de Python que tiene vLLM instalado. Vacío busca en los entornos de Jarvis.</translation>
        </message>
        <message>
            <source>Graphics memory share</source>
            <translation>Parte de la memoria gráfica</translation>
        </message>
        <message>
            <source>Share of the graphics memory vLLM may take.</source>
            <translation>Parte de la memoria gráfica que vLLM puede usar.</translation>
        </message>
        <message>
            <source>Answers at once</source>
            <translation>Respuestas a la vez</translation>
        </message>
        <message>
            <source>Most answers generated side by side.</source>
            <translation>Número máximo de respuestas generadas a la vez.</translation>
        </message>
        <message>
            <source>Tokens per step</source>
            <translation>Tokens por paso</translation>
        </message>
        <message>
            <source>Most tokens computed in one step; more is faster and takes more memory.</source>
            <translation>Máximo de tokens calculados en un paso; más es más rápido y ocupa más memoria.</translation>
        </message>
        <message>
            <source>Reuse repeated beginnings</source>
            <translation>Reutilizar comienzos repetidos</translation>
        </message>
        <message>
            <source>Keeps the computed prompt of a conversation for its next turn.</source>
            <translation>Guarda lo ya calculado de una conversación para el turno siguiente.</translation>
        </message>
        <message>
            <source>Split long prompts</source>
            <translation>Dividir textos largos</translation>
        </message>
        <message>
            <source>Long prompts are computed in pieces so that other answers keep flowing.</source>
            <translation>Los textos largos se calculan por partes para que otras respuestas sigan fluyendo.</translation>
        </message>
        <message>
            <source>Compile the model</source>
            <translation>Compilar el modelo</translation>
        </message>
        <message>
            <source>Answers come faster, but a start takes minutes longer. Automatic compiles for graphics cards only.</source>
            <translation>Las respuestas llegan antes, pero cada arranque tarda minutos más. El modo automático solo compila para tarjetas gráficas.</translation>
        </message>
        <message>
            <source>Quantisation</source>
            <translation>Cuantización</translation>
        </message>
        <message>
            <source>None lets the model's own files decide.</source>
            <translation>Ninguna deja que decidan los archivos del modelo.</translation>
        </message>
        <message>
            <source>Graphics cards</source>
            <translation>Tarjetas gráficas</translation>
        </message>
        <message>
            <source>Number of cards one model is spread over.</source>
            <translation>Número de tarjetas entre las que se reparte un modelo.</translation>
        </message>
        <message>
            <source>Offload to main memory</source>
            <translation>Descarga a la memoria principal</translation>
        </message>
        <message>
            <source>Part of the weights kept in main memory; slower.</source>
            <translation>Parte de los pesos que se queda en la memoria principal; más lento.</translation>
        </message>
        <message>
            <source>Cache on the processor</source>
            <translation>Caché en el procesador</translation>
        </message>
        <message>
            <source>Memory for running answers where vLLM runs without a graphics card.</source>
            <translation>Memoria para las respuestas en curso cuando vLLM funciona sin tarjeta gráfica.</translation>
        </message>
        <message>
            <source>Address</source>
            <translation>Dirección</translation>
        </message>
        <message>
            <source>For example http://192.168.1.20:8000/v1.</source>
            <translation>Por ejemplo http://192.168.1.20:8000/v1.</translation>
        </message>
        <message>
            <source>Name of the model on that server.</source>
            <translation>Nombre del modelo en ese servidor.</translation>
        </message>
        <message>
            <source>Release after</source>
            <translation>Liberar tras</translation>
        </message>
        <message>
            <source>Models that were not used for so long give their memory back; 0 keeps them.</source>
            <translation>Los modelos que no se usan durante este tiempo devuelven su memoria; 0 los conserva.</translation>
        </message>
        <message>
            <source>Kind of answer</source>
            <translation>Clase de respuesta</translation>
        </message>
        <message>
            <source>Automatic judges how hard each question is; a fixed choice treats all alike.</source>
            <translation>Automático valora lo difícil que es cada pregunta; una elección fija las trata todas igual.</translation>
        </message>
        <message>
            <source>Model for technical questions</source>
            <translation>Modelo para preguntas técnicas</translation>
        </message>
        <message>
            <source>Empty: the model that answers everything.</source>
            <translation>Vacío: el modelo que responde a todo.</translation>
        </message>
        <message>
            <source>Model for hard questions</source>
            <translation>Modelo para preguntas difíciles</translation>
        </message>
        <message>
            <source>For questions of several steps. Empty: the model that answers everything.</source>
            <translation>Para preguntas de varios pasos. Vacío: el modelo que responde a todo.</translation>
        </message>
        <message>
            <source>Variety of technical answers</source>
            <translation>Variedad de las respuestas técnicas</translation>
        </message>
        <message>
            <source>Facts want less variety than talk; never more than the engine's own.</source>
            <translation>Los hechos piden menos variedad que la charla; nunca más que la del motor.</translation>
        </message>
        <message>
            <source>Variety of hard answers</source>
            <translation>Variedad de las respuestas difíciles</translation>
        </message>
        <message>
            <source>For questions of several steps; never more than the engine's own.</source>
            <translation>Para preguntas de varios pasos; nunca más que la del motor.</translation>
        </message>
        <message>
            <source>Profile</source>
            <translation>Perfil</translation>
        </message>
        <message>
            <source>The profile in use, one of those on the page Profiles. Empty: none.</source>
            <translation>El perfil en uso, uno de los de la página Perfiles. Vacío: ninguno.</translation>
        </message>
        <message>
            <source>Turns remembered</source>
            <translation>Turnos recordados</translation>
        </message>
        <message>
            <source>Earlier exchanges of the conversation sent along with a question.</source>
            <translation>Intercambios anteriores de la conversación que se envían con una pregunta.</translation>
        </message>
        <message>
            <source>Instructions</source>
            <translation>Instrucciones</translation>
        </message>
        <message>
            <source>What Jarvis should know or how it should answer, in your own words.</source>
            <translation>Qué debe saber Jarvis o cómo debe responder, con tus propias palabras.</translation>
        </message>
        <message>
            <source>Think ahead</source>
            <translation>Pensar por adelantado</translation>
        </message>
        <message>
            <source>Begins an answer while you may still speak and drops it when you go on; costs computing time.</source>
            <translation>Empieza la respuesta cuando quizá aún hablas; si sigues, la descarta. Cuesta tiempo de cálculo.</translation>
        </message>
        <message>
            <source>Reuse answers</source>
            <translation>Reutilizar respuestas</translation>
        </message>
        <message>
            <source>Questions of general knowledge get the answer they had within the last day. Never personal ones.</source>
            <translation>Las preguntas de cultura general reciben la respuesta del último día. Nunca las personales.</translation>
        </message>
        <message>
            <source>Suggest questions</source>
            <translation>Sugerir preguntas</translation>
        </message>
        <message>
            <source>After an answer the model on this machine thinks of some that could follow. None are stored.</source>
            <translation>Tras una respuesta, el modelo de este equipo piensa algunas que podrían seguir. No se guarda ninguna.</translation>
        </message>
        <message>
            <source>Remember</source>
            <translation>Recordar</translation>
        </message>
        <message>
            <source>Keeps what you tell Jarvis beyond a conversation and uses it in answers, which then name it.</source>
            <translation>Guarda lo que cuentas a Jarvis más allá de una conversación y lo usa en sus respuestas, que entonces lo citan.</translation>
        </message>
        <message>
            <source>Facts by the language model</source>
            <translation>Datos que saca el modelo de lenguaje</translation>
        </message>
        <message>
            <source>While nobody asks, the language model on this machine reads what you told for facts about you, and only those in your own words are kept. Off: only plainly told facts are kept.</source>
            <translation>Mientras nadie pregunta, el modelo de lenguaje de este equipo busca en lo que le has contado datos sobre ti, y solo se guardan los que están en tus propias palabras. Desactivado: solo se guardan los datos dichos con claridad.</translation>
        </message>
        <message>
            <source>Search model</source>
            <translation>Modelo de búsqueda</translation>
        </message>
        <message>
            <source>What finds texts by their meaning: e5-small for Spanish and English, minilm-l6-v2 for English only.</source>
            <translation>Lo que encuentra textos por su significado: e5-small para español e inglés, minilm-l6-v2 solo para inglés.</translation>
        </message>
        <message>
            <source>Search model runs on</source>
            <translation>El modelo de búsqueda usa</translation>
        </message>
        <message>
            <source>Automatic uses the graphics card where there is one; e5-small always runs on the processor.</source>
            <translation>Automático usa la tarjeta gráfica si la hay; e5-small siempre usa el procesador.</translation>
        </message>
        <message>
            <source>Encrypt</source>
            <translation>Cifrar</translation>
        </message>
        <message>
            <source>Keeps everything remembered encrypted on the disk, backups too. The key is kept in the keyring of the system; without it nothing can be read any more.</source>
            <translation>Guarda cifrado en el disco todo lo recordado, también las copias de seguridad. La clave está en el llavero del sistema; sin ella ya no se puede leer nada.</translation>
        </message>
        <message>
            <source>Days between backups</source>
            <translation>Días entre copias de seguridad</translation>
        </message>
        <message>
            <source>A copy of the memory is made beside it when the last one is so old; the last three are kept. 0 makes none.</source>
            <translation>Se hace una copia de la memoria junto a ella cuando la última tiene esos días; se conservan las tres últimas. Con 0 no se hace ninguna.</translation>
        </message>
        <message>
            <source>Watched folders</source>
            <translation>Carpetas vigiladas</translation>
        </message>
        <message>
            <source>Full paths of folders, with commas between. Their documents are taken in, taken in again when they change, and forgotten when they are deleted. Empty: none.</source>
            <translation>Rutas completas de carpetas, separadas por comas. Sus documentos se incorporan, se vuelven a incorporar cuando cambian y se olvidan cuando se borran. Vacío: ninguna.</translation>
        </message>
        <message>
            <source>Server</source>
            <translation>Servidor</translation>
        </message>
        <message>
            <source>Address of a Chroma server that keeps the vectors, never the texts; its key is read from JARVIS_MEMORY_KEY. Empty: this machine.</source>
            <translation>Dirección de un servidor Chroma que guarda los vectores, nunca los textos; su clave se lee de JARVIS_MEMORY_KEY. Vacío: este equipo.</translation>
        </message>
        <message>
            <source>Use tools</source>
            <translation>Usar herramientas</translation>
        </message>
        <message>
            <source>Lets the model ask for tools: clock, timer, calculator, your past conversations, and servers from mcp.json. Off at first: small models use them badly.</source>
            <translation>Deja que el modelo pida herramientas: reloj, temporizador, calculadora, tus conversaciones anteriores y servidores de mcp.json. Al principio está desactivado: los modelos pequeños las usan mal.</translation>
        </message>
        <message>
            <source>Ask before use</source>
            <translation>Preguntar antes de usar</translation>
        </message>
        <message>
            <source>Always, or only for tools that are not built in. What came from outside always leads to a question.</source>
            <translation>Siempre, o solo con herramientas que no vienen incluidas. Lo que viene de fuera siempre lleva a una pregunta.</translation>
        </message>
        <message>
            <source>Always allowed</source>
            <translation>Siempre permitidas</translation>
        </message>
        <message>
            <source>Names of the tools that are used without a question, with commas between. Empty: none.</source>
            <translation>Nombres de las herramientas que se usan sin preguntarte, separados por comas. Vacío: ninguna.</translation>
        </message>
        <message>
            <source>Let other programs in</source>
            <translation>Dejar entrar a otros programas</translation>
        </message>
        <message>
            <source>Answers programs on this computer while Jarvis runs. Nothing on the network reaches it.</source>
            <translation>Responde a programas de este equipo mientras Jarvis está en marcha. Nada de la red llega hasta él.</translation>
        </message>
        <message>
            <source>127.0.0.1 and ::1 are reached from this computer only. Any other one opens Jarvis to the network, not encrypted, and needs allowed names.</source>
            <translation>A 127.0.0.1 y ::1 solo se llega desde este equipo. Cualquier otra abre Jarvis a la red, sin cifrar, y necesita nombres permitidos.</translation>
        </message>
        <message>
            <source>Allowed names</source>
            <translation>Nombres permitidos</translation>
        </message>
        <message>
            <source>Names of this computer that other ones may call it by, with commas between. None for 127.0.0.1.</source>
            <translation>Nombres con los que otros pueden llamar a este equipo, separados por comas. Ninguno para 127.0.0.1.</translation>
        </message>
        <message>
            <source>Where programs find it; where it is taken, the next free one is used and shown.</source>
            <translation>Dónde lo encuentran los programas; si está ocupado, se usa el siguiente libre y se muestra.</translation>
        </message>
        <message>
            <source>Requests per minute</source>
            <translation>Peticiones por minuto</translation>
        </message>
        <message>
            <source>What one program may ask; more is refused until the minute is over.</source>
            <translation>Lo que puede pedir un programa; lo demás se rechaza hasta que pase el minuto.</translation>
        </message>
        <message>
            <source>More than that wait for their turn, each program after the other.</source>
            <translation>Si hay más, esperan su turno, un programa tras otro.</translation>
        </message>
        <message>
            <source>Waiting requests</source>
            <translation>Peticiones en espera</translation>
        </message>
        <message>
            <source>More than that are refused, with the time after which to ask again.</source>
            <translation>Si hay más, se rechazan y se dice cuándo volver a preguntar.</translation>
        </message>
        <message>
            <source>Longest request</source>
            <translation>Petición más larga</translation>
        </message>
        <message>
            <source>Recordings take about 1 MiB a minute.</source>
            <translation>Las grabaciones ocupan más o menos 1 MiB por minuto.</translation>
        </message>
        <message>
            <source>Who answers programs</source>
            <translation>Quién responde a los programas</translation>
        </message>
        <message>
            <source>What `jarvis serve` does: answer by itself, or give the work to `jarvis worker` on this and other machines, by Celery and Redis.</source>
            <translation>Qué hace `jarvis serve`: responder él mismo, o dar el trabajo a `jarvis worker` en este y otros equipos, con Celery y Redis.</translation>
        </message>
        <message>
            <source>Address of Redis</source>
            <translation>Dirección de Redis</translation>
        </message>
        <message>
            <source>Where work for `jarvis worker` waits. The password is read from JARVIS_REDIS_PASSWORD.</source>
            <translation>Dónde espera el trabajo para `jarvis worker`. La contraseña se lee de JARVIS_REDIS_PASSWORD.</translation>
        </message>
        <message>
            <source>Voice for Home Assistant</source>
            <translation>Voz para Home Assistant</translation>
        </message>
        <message>
            <source>Lends ears and voice of this machine to Home Assistant (Wyoming protocol, which has no passwords).</source>
            <translation>Presta los oídos y la voz de este equipo a Home Assistant (protocolo Wyoming, que no tiene contraseñas).</translation>
        </message>
        <message>
            <source>Address for Home Assistant</source>
            <translation>Dirección para Home Assistant</translation>
        </message>
        <message>
            <source>127.0.0.1 is for this computer only. Home Assistant on another one needs this computer's address in your network, or 0.0.0.0. Everybody in that network can then use it, without a password.</source>
            <translation>127.0.0.1 es solo para este equipo. Si Home Assistant está en otro, necesita la dirección de este equipo en tu red, o 0.0.0.0. Entonces cualquiera de esa red puede usarlo, sin contraseña.</translation>
        </message>
        <message>
            <source>Port for Home Assistant</source>
            <translation>Puerto para Home Assistant</translation>
        </message>
        <message>
            <source>Where Home Assistant finds it.</source>
            <translation>Dónde lo encuentra Home Assistant.</translation>
        </message>
        <message>
            <source>Work offline</source>
            <translation>Trabajar sin conexión</translation>
        </message>
        <message>
            <source>Nothing of Jarvis reaches another computer: no downloads, no engine or tool server elsewhere.</source>
            <translation>Nada de Jarvis llega a otro equipo: ni descargas, ni motor o servidor de herramientas de otro lugar.</translation>
        </message>
        <message>
            <source>Log level</source>
            <translation>Nivel de registro</translation>
        </message>
        <message>
            <source>How much is written to the log file.</source>
            <translation>Cuánto se escribe en el archivo de registro.</translation>
        </message>
        <message>
            <source>Address of the newest version</source>
            <translation>Dirección de la versión más nueva</translation>
        </message>
        <message>
            <source>A small file that names the newest version. It is asked only when you press Check for updates; empty asks nobody.</source>
            <translation>Un archivo pequeño que dice cuál es la versión más nueva. Solo se consulta cuando pulsas Buscar actualizaciones; vacío, no se pregunta a nadie.</translation>
        </message>
        <message>
            <source>Persona</source>
            <translation>Personalidad</translation>
        </message>
        <message>
            <source>Who Jarvis is and how it answers, in your own words. Empty: the instructions of the settings.</source>
            <translation>Quién es Jarvis y cómo responde, con tus propias palabras. Vacío: las instrucciones de los ajustes.</translation>
        </message>
        <message>
            <source>Piper voice from the catalogue. Empty: as in the settings.</source>
            <translation>Voz de Piper del catálogo. Vacío: como en los ajustes.</translation>
        </message>
        <message>
            <source>Piper voice for Spanish answers. Empty: as in the settings.</source>
            <translation>Voz de Piper para las respuestas en español. Vacío: como en los ajustes.</translation>
        </message>
        <message>
            <source>Times the speed in the settings; 1 leaves it as it is.</source>
            <translation>Multiplica la velocidad de los ajustes; 1 la deja como está.</translation>
        </message>
        <message>
            <source>Language model from the catalogue. Empty: as in the settings.</source>
            <translation>Modelo de lenguaje del catálogo. Vacío: como en los ajustes.</translation>
        </message>
        <message>
            <source>Whose conversations it lists and continues: those all profiles share, or only its own. None: nothing is stored of what is said in it.</source>
            <translation>Qué conversaciones muestra y continúa: las comunes a todos los perfiles o solo las suyas. Ninguna: no se guarda nada de lo que se dice en él.</translation>
        </message>
    </context>
    <context>
        <name>errors</name>
        <message>
            <source>The conversations could not be read. They were set aside in {file}, and a new file was begun.</source>
            <translation>No se pudieron leer las conversaciones. Se apartaron en {file} y se empezó un archivo nuevo.</translation>
        </message>
        <message>
            <source>Restore a backup, or keep the file for a repair.</source>
            <translation>Restaura una copia de seguridad, o guarda el archivo para repararlo.</translation>
        </message>
        <message>
            <source>There is no screen to open a window on.</source>
            <translation>No hay pantalla en la que abrir una ventana.</translation>
        </message>
        <message>
            <source>Start Jarvis in a desktop session; `jarvis ask` and `jarvis listen` work without a window.</source>
            <translation>Inicia Jarvis en una sesión de escritorio; `jarvis ask` y `jarvis listen` funcionan sin ventana.</translation>
        </message>
        <message>
            <source>Jarvis' core has stopped and can no longer answer.</source>
            <translation>El núcleo de Jarvis se ha parado y ya no puede responder.</translation>
        </message>
        <message>
            <source>Start Jarvis again. The log file has the details for a report.</source>
            <translation>Inicia Jarvis de nuevo. El archivo de registro tiene los detalles para un informe.</translation>
        </message>
        <message>
            <source>Whether Jarvis starts when you log in could not be changed: {reason}.</source>
            <translation>No se pudo cambiar si Jarvis se inicia con la sesión: {reason}.</translation>
        </message>
        <message>
            <source>See whether the folder {place} can be written to.</source>
            <translation>Comprueba si se puede escribir en la carpeta {place}.</translation>
        </message>
        <message>
            <source>This version of the engine does not know {option} and goes without.</source>
            <translation>Esta versión del motor no conoce {option} y funciona sin ella.</translation>
        </message>
        <message>
            <source>{path} could not be deleted: {reason}.</source>
            <translation>No se pudo borrar {path}: {reason}.</translation>
        </message>
        <message>
            <source>See who may write there. The next start of Jarvis tries again.</source>
            <translation>Mira quién puede escribir ahí. El próximo arranque de Jarvis lo reintenta.</translation>
        </message>
        <message>
            <source>{missing} MiB of main memory are missing for these settings. Nothing was changed.</source>
            <translation>Faltan {missing} MiB de memoria principal para estos ajustes. No se ha cambiado nada.</translation>
        </message>
        <message>
            <source>The language model cannot start with these settings. Nothing was changed.</source>
            <translation>El modelo de lenguaje no puede arrancar con estos ajustes. No se ha cambiado nada.</translation>
        </message>
        <message>
            <source>{missing} MiB of graphics memory are missing for these settings. Nothing was changed.</source>
            <translation>Faltan {missing} MiB de memoria gráfica para estos ajustes. No se ha cambiado nada.</translation>
        </message>
        <message>
            <source>{model} is in use: {settings}.</source>
            <translation>{model} está en uso: {settings}.</translation>
        </message>
        <message>
            <source>Choose another one there first, or switch it off.</source>
            <translation>Elige antes otro ahí, o desactívalo.</translation>
        </message>
        <message>
            <source>{path} lies outside the folder of the models and is left alone.</source>
            <translation>{path} está fuera de la carpeta de los modelos y no se toca.</translation>
        </message>
        <message>
            <source>Delete it yourself if you no longer want it.</source>
            <translation>Bórralo tú si ya no lo quieres.</translation>
        </message>
        <message>
            <source>{path} could not be written: {reason}.</source>
            <translation>No se pudo escribir {path}: {reason}.</translation>
        </message>
        <message>
            <source>Choose another place.</source>
            <translation>Elige otro lugar.</translation>
        </message>
        <message>
            <source>Other computers can reach Jarvis at {address}, and what goes there is not encrypted.</source>
            <translation>Otros equipos pueden llegar a Jarvis en {address}, y lo que se envía ahí no va cifrado.</translation>
        </message>
        <message>
            <source>Everybody in your network can use Jarvis' ears and voice at {address}.</source>
            <translation>Cualquiera de tu red puede usar los oídos y la voz de Jarvis en {address}.</translation>
        </message>
        <message>
            <source>The port for Home Assistant is taken: it finds Jarvis at {address}.</source>
            <translation>El puerto para Home Assistant está ocupado: encuentra a Jarvis en {address}.</translation>
        </message>
        <message>
            <source>A chat takes {most} files at most.</source>
            <translation>Un chat admite {most} archivos como máximo.</translation>
        </message>
        <message>
            <source>Remove one of them, or have files remembered: the memory takes whole folders.</source>
            <translation>Quita alguno o haz que se recuerden: la memoria admite carpetas enteras.</translation>
        </message>
        <message>
            <source>This file does not belong to the chat any more.</source>
            <translation>Este archivo ya no es del chat.</translation>
        </message>
        <message>
            <source>Add it again to have it read.</source>
            <translation>Añádelo otra vez para que se lea.</translation>
        </message>
        <message>
            <source>{file} could not be kept with the chat.</source>
            <translation>No se pudo guardar {file} con el chat.</translation>
        </message>
        <message>
            <source>Nothing of the file was lost. Try again once chats can be stored.</source>
            <translation>No se perdió nada del archivo. Inténtalo cuando se puedan guardar los chats.</translation>
        </message>
        <message>
            <source>Jarvis goes on without its memory: {reason}</source>
            <translation>Jarvis sigue sin su memoria: {reason}</translation>
        </message>
        <message>
            <source>Nothing that is remembered is lost by that. Try again, or start Jarvis again.</source>
            <translation>Nada de lo recordado se pierde por eso. Vuelve a intentarlo o reinicia Jarvis.</translation>
        </message>
        <message>
            <source>Nothing is remembered: long-term memory is not running.</source>
            <translation>No se recuerda nada: la memoria a largo plazo no está en marcha.</translation>
        </message>
        <message>
            <source>Switch “Remember” on in the settings, on the page Memory.</source>
            <translation>Activa «Recordar» en los ajustes, en la página Memoria.</translation>
        </message>
        <message>
            <source>Nothing is remembered in this profile.</source>
            <translation>En este perfil no se recuerda nada.</translation>
        </message>
        <message>
            <source>Choose another profile to see or change what is remembered.</source>
            <translation>Elige otro perfil para ver o cambiar lo que se recuerda.</translation>
        </message>
        <message>
            <source>The language engine is being loaded.</source>
            <translation>El motor de lenguaje se está cargando.</translation>
        </message>
        <message>
            <source>Wait until it is loaded; what is asked meanwhile is answered then.</source>
            <translation>Espera a que se cargue; lo que se pregunte mientras tanto se responde entonces.</translation>
        </message>
        <message>
            <source>There is sound, and nothing of it was taken for speech.</source>
            <translation>Hay sonido, pero nada se tomó por voz.</translation>
        </message>
        <message>
            <source>Hardly anything was understood of the recording.</source>
            <translation>Apenas se entendió algo de la grabación.</translation>
        </message>
        <message>
            <source>Speak a whole sentence, and record again.</source>
            <translation>Di una frase entera y vuelve a grabar.</translation>
        </message>
        <message>
            <source>{name} is open.</source>
            <translation>{name} está abierto.</translation>
        </message>
        <message>
            <source>Nothing but digital silence arrives: the microphone is muted, or another one is meant.</source>
            <translation>Solo llega silencio digital: el micrófono está silenciado o no es el que debe ser.</translation>
        </message>
        <message>
            <source>Look for a mute switch on the microphone, and for Jarvis in the privacy settings of your system; or choose another microphone above.</source>
            <translation>Busca un interruptor de silencio en el micrófono y a Jarvis en los ajustes de privacidad del sistema, o elige otro micrófono arriba.</translation>
        </message>
        <message>
            <source>Too quiet: nothing was loud enough for words. Say a few.</source>
            <translation>Demasiado bajo: nada sonó tan fuerte como unas palabras. Di algo.</translation>
        </message>
        <message>
            <source>Turn the microphone up in the sound settings, come closer, or choose another one above.</source>
            <translation>Sube el micrófono en los ajustes de sonido, acércate o elige otro arriba.</translation>
        </message>
        <message>
            <source>Speak nearer to the microphone, away from music and fans.</source>
            <translation>Habla más cerca del micrófono, lejos de música y ventiladores.</translation>
        </message>
        <message>
            <source>Record three seconds below, and see what is understood.</source>
            <translation>Graba tres segundos más abajo y mira qué se entiende.</translation>
        </message>
        <message>
            <source>Jarvis is set to one language only. Let it find out which one you speak.</source>
            <translation>Jarvis está ajustado a un solo idioma. Deja que averigüe cuál hablas.</translation>
        </message>
        <message>
            <source>{name} is muted in the system, or its volume is zero.</source>
            <translation>{name} está silenciado en el sistema o su volumen es cero.</translation>
        </message>
        <message>
            <source>Unmute it here or in the sound settings of your system.</source>
            <translation>Actívalo aquí o en los ajustes de sonido del sistema.</translation>
        </message>
        <message>
            <source>Too loud: the sound is cut off.</source>
            <translation>Demasiado alto: el sonido se recorta.</translation>
        </message>
        <message>
            <source>Turn the microphone down in the sound settings, or speak from farther away.</source>
            <translation>Baja el micrófono en los ajustes de sonido o habla desde más lejos.</translation>
        </message>
        <message>
            <source>Say a few words.</source>
            <translation>Di unas palabras.</translation>
        </message>
        <message>
            <source>Sound below {gate} dBFS never counts as speech: lower that level.</source>
            <translation>El sonido por debajo de {gate} dBFS nunca cuenta como voz: baja ese nivel.</translation>
        </message>
        <message>
            <source>Speech recognition is loading.</source>
            <translation>El reconocimiento de voz se está cargando.</translation>
        </message>
        <message>
            <source>The model for speech recognition is not on this machine.</source>
            <translation>El modelo de reconocimiento de voz no está en este equipo.</translation>
        </message>
        <message>
            <source>Download it, and load it again.</source>
            <translation>Descárgalo y vuelve a cargarlo.</translation>
        </message>
        <message>
            <source>Speech recognition could not be loaded.</source>
            <translation>No se pudo cargar el reconocimiento de voz.</translation>
        </message>
        <message>
            <source>Load it again; the status panel says why it failed.</source>
            <translation>Vuelve a cargarlo; el panel de estado dice por qué falló.</translation>
        </message>
        <message>
            <source>Tools that do not fit into the context are left out: {count}. Raise {key}, or use fewer tool servers.</source>
            <translation>Herramientas que no caben en el contexto y se dejan fuera: {count}. Aumenta {key} o usa menos servidores de herramientas.</translation>
        </message>
        <message>
            <source>The model {model} gave an empty answer.</source>
            <translation>El modelo {model} dio una respuesta vacía.</translation>
        </message>
        <message>
            <source>Ask again, or choose another model in the settings.</source>
            <translation>Pregunta de nuevo, o elige otro modelo en los ajustes.</translation>
        </message>
        <message>
            <source>The microphone "{name}" delivers no sound any more.</source>
            <translation>El micrófono «{name}» ya no entrega sonido.</translation>
        </message>
        <message>
            <source>Unplug and connect it again, or choose another one. You can type in the meantime.</source>
            <translation>Desconéctalo y conéctalo de nuevo, o elige otro. Mientras tanto puedes escribir.</translation>
        </message>
        <message>
            <source>The microphone "{name}" is gone.</source>
            <translation>El micrófono «{name}» ya no está.</translation>
        </message>
        <message>
            <source>Connect it again or choose another one. You can type in the meantime.</source>
            <translation>Conéctalo de nuevo o elige otro. Mientras tanto puedes escribir.</translation>
        </message>
        <message>
            <source>There is no sound device called "{name}".</source>
            <translation>No hay ningún dispositivo de sonido llamado «{name}».</translation>
        </message>
        <message>
            <source>Connect it or choose another one. There are: {names}.</source>
            <translation>Conéctalo o elige otro. Los que hay: {names}.</translation>
        </message>
        <message>
            <source>The sound system of this machine failed ({reason}).</source>
            <translation>Falló el sistema de sonido de este equipo ({reason}).</translation>
        </message>
        <message>
            <source>Restart the sound service of your system.</source>
            <translation>Reinicia el servicio de sonido de tu sistema.</translation>
        </message>
        <message>
            <source>No loudspeaker was found.</source>
            <translation>No se encontró ningún altavoz.</translation>
        </message>
        <message>
            <source>Connect one, or check that the sound service runs. Answers are shown as text.</source>
            <translation>Conecta uno, o comprueba que el servicio de sonido funciona. Las respuestas se muestran como texto.</translation>
        </message>
        <message>
            <source>"{name}" could not be opened ({reason}).</source>
            <translation>No se pudo abrir «{name}» ({reason}).</translation>
        </message>
        <message>
            <source>Another program may be using it; close that one, or choose another device.</source>
            <translation>Puede que otro programa lo esté usando; ciérralo, o elige otro dispositivo.</translation>
        </message>
        <message>
            <source>More than one sound device is called like "{name}".</source>
            <translation>Hay más de un dispositivo de sonido con un nombre como «{name}».</translation>
        </message>
        <message>
            <source>Give the full name. There are: {names}.</source>
            <translation>Indica el nombre completo. Los que hay: {names}.</translation>
        </message>
        <message>
            <source>No microphone was found.</source>
            <translation>No se encontró ningún micrófono.</translation>
        </message>
        <message>
            <source>Connect one, or check that the sound service runs. You can type in the meantime.</source>
            <translation>Conecta uno, o comprueba que el servicio de sonido funciona. Mientras tanto puedes escribir.</translation>
        </message>
        <message>
            <source>The system does not let Jarvis use "{name}".</source>
            <translation>El sistema no deja que Jarvis use «{name}».</translation>
        </message>
        <message>
            <source>Allow it in the privacy settings of your system, or join the audio group on Linux.</source>
            <translation>Permítelo en los ajustes de privacidad de tu sistema, o únete al grupo audio en Linux.</translation>
        </message>
        <message>
            <source>The sound system does not answer.</source>
            <translation>El sistema de sonido no responde.</translation>
        </message>
        <message>
            <source>Restart the sound service of your system, or choose another device.</source>
            <translation>Reinicia el servicio de sonido de tu sistema, o elige otro dispositivo.</translation>
        </message>
        <message>
            <source>The PortAudio library, which reaches the microphone and the loudspeaker, is not installed.</source>
            <translation>No está instalada la biblioteca PortAudio, que da acceso al micrófono y al altavoz.</translation>
        </message>
        <message>
            <source>On Debian or Ubuntu: sudo apt install libportaudio2. On Fedora: sudo dnf install portaudio.</source>
            <translation>En Debian o Ubuntu: sudo apt install libportaudio2. En Fedora: sudo dnf install portaudio.</translation>
        </message>
        <message>
            <source>"{file}" could not be read as sound ({reason}).</source>
            <translation>No se pudo leer «{file}» como sonido ({reason}).</translation>
        </message>
        <message>
            <source>Give a WAV, FLAC, OGG or MP3 file.</source>
            <translation>Indica un archivo WAV, FLAC, OGG o MP3.</translation>
        </message>
        <message>
            <source>"{file}" holds no sound.</source>
            <translation>«{file}» no contiene sonido.</translation>
        </message>
        <message>
            <source>Give a file with a recording in it.</source>
            <translation>Indica un archivo que contenga una grabación.</translation>
        </message>
        <message>
            <source>"{file}" could not be written ({reason}).</source>
            <translation>No se pudo escribir «{file}» ({reason}).</translation>
        </message>
        <message>
            <source>Choose a folder that you may write to and that has space left.</source>
            <translation>Elige una carpeta en la que puedas escribir y que tenga espacio.</translation>
        </message>
        <message>
            <source>"{file}" is longer than {hours} hours.</source>
            <translation>«{file}» dura más de {hours} horas.</translation>
        </message>
        <message>
            <source>Cut it into shorter pieces.</source>
            <translation>Divídelo en partes más cortas.</translation>
        </message>
        <message>
            <source>There is no file "{file}".</source>
            <translation>No existe el archivo «{file}».</translation>
        </message>
        <message>
            <source>Check the name and the folder.</source>
            <translation>Comprueba el nombre y la carpeta.</translation>
        </message>
        <message>
            <source>The listening models stopped unexpectedly.</source>
            <translation>Los modelos de escucha se detuvieron de forma inesperada.</translation>
        </message>
        <message>
            <source>They start again by themselves the next time you speak.</source>
            <translation>Vuelven a arrancar solos la próxima vez que hables.</translation>
        </message>
        <message>
            <source>The listening models are not loaded.</source>
            <translation>Los modelos de escucha no están cargados.</translation>
        </message>
        <message>
            <source>The listening models cannot be read ({reason}).</source>
            <translation>No se pueden leer los modelos de escucha ({reason}).</translation>
        </message>
        <message>
            <source>Get them again with: jarvis models get {name}</source>
            <translation>Descárgalos de nuevo con: jarvis models get {name}</translation>
        </message>
        <message>
            <source>The loudspeaker "{name}" is gone.</source>
            <translation>El altavoz «{name}» ya no está.</translation>
        </message>
        <message>
            <source>Connect it again or choose another one. Answers are shown as text.</source>
            <translation>Conéctalo de nuevo o elige otro. Las respuestas se muestran como texto.</translation>
        </message>
        <message>
            <source>The loudspeaker "{name}" does not play any more.</source>
            <translation>El altavoz «{name}» ya no suena.</translation>
        </message>
        <message>
            <source>Unplug and connect it again, or choose another one. Answers are shown as text.</source>
            <translation>Desconéctalo y conéctalo de nuevo, o elige otro. Las respuestas se muestran como texto.</translation>
        </message>
        <message>
            <source>The voice detector that ships with faster-whisper is missing.</source>
            <translation>Falta el detector de voz que viene con faster-whisper.</translation>
        </message>
        <message>
            <source>Install Jarvis again.</source>
            <translation>Instala Jarvis de nuevo.</translation>
        </message>
        <message>
            <source>The microphone could not be unmuted from here.</source>
            <translation>No se pudo activar el micrófono desde aquí.</translation>
        </message>
        <message>
            <source>Unmute it in the sound settings of your system.</source>
            <translation>Actívalo en los ajustes de sonido del sistema.</translation>
        </message>
        <message>
            <source>The process that measures the memory stopped unexpectedly.</source>
            <translation>El proceso que mide la memoria se detuvo de forma inesperada.</translation>
        </message>
        <message>
            <source>Plain faster-whisper stopped unexpectedly.</source>
            <translation>faster-whisper sin cambios se paró de forma inesperada.</translation>
        </message>
        <message>
            <source>{file} is not sampled at 16 kHz.</source>
            <translation>{file} no está muestreado a 16 kHz.</translation>
        </message>
        <message>
            <source>{file} cannot be read.</source>
            <translation>No se puede leer {file}.</translation>
        </message>
        <message>
            <source>The window could not be measured: {reason}.</source>
            <translation>No se pudo medir la ventana: {reason}.</translation>
        </message>
        <message>
            <source>Look at `jarvis doctor`.</source>
            <translation>Mira `jarvis doctor`.</translation>
        </message>
        <message>
            <source>{reason}.</source>
            <translation>{reason}.</translation>
        </message>
        <message>
            <source>See: {program} --help</source>
            <translation>Consulta: {program} --help</translation>
        </message>
        <message>
            <source>There is no profile {profile}.</source>
            <translation>No hay ningún perfil {profile}.</translation>
        </message>
        <message>
            <source>Profiles are made in the settings, on the page Profiles.</source>
            <translation>Los perfiles se crean en los ajustes, en la página Perfiles.</translation>
        </message>
        <message>
            <source>Did you mean {nearest}?</source>
            <translation>¿Querías decir {nearest}?</translation>
        </message>
        <message>
            <source>The profile {profile} remembers nothing.</source>
            <translation>El perfil {profile} no recuerda nada.</translation>
        </message>
        <message>
            <source>Choose another one with --profile.</source>
            <translation>Elige otro con --profile.</translation>
        </message>
        <message>
            <source>There is no file {file}.</source>
            <translation>No existe el archivo {file}.</translation>
        </message>
        <message>
            <source>Check its name.</source>
            <translation>Comprueba su nombre.</translation>
        </message>
        <message>
            <source>There is no turn {turn}.</source>
            <translation>No existe el turno {turn}.</translation>
        </message>
        <message>
            <source>Take the "turn_id" of an answer: jarvis ask --json tells it.</source>
            <translation>Usa el «turn_id» de una respuesta: lo indica jarvis ask --json.</translation>
        </message>
        <message>
            <source>There is nothing to remember.</source>
            <translation>No hay nada que recordar.</translation>
        </message>
        <message>
            <source>Give a text: jarvis memory add "..."</source>
            <translation>Da un texto: jarvis memory add "..."</translation>
        </message>
        <message>
            <source>No model is named.</source>
            <translation>No se indicó ningún modelo.</translation>
        </message>
        <message>
            <source>List them: jarvis models list</source>
            <translation>Verlos todos: jarvis models list</translation>
        </message>
        <message>
            <source>{name} is always part of the plan: the settings do not choose models of its kind.</source>
            <translation>{name} siempre forma parte del plan: los ajustes no eligen modelos de su tipo.</translation>
        </message>
        <message>
            <source>See the whole plan with: jarvis models plan</source>
            <translation>Mira el plan completo con: jarvis models plan</translation>
        </message>
        <message>
            <source>Jarvis is running.</source>
            <translation>Jarvis está en marcha.</translation>
        </message>
        <message>
            <source>Quit it first, then try again.</source>
            <translation>Ciérralo primero y vuelve a intentarlo.</translation>
        </message>
        <message>
            <source>Nothing was deleted.</source>
            <translation>No se borró nada.</translation>
        </message>
        <message>
            <source>Say --yes to delete everything.</source>
            <translation>Usa --yes para borrar todo.</translation>
        </message>
        <message>
            <source>{name} is not a language model; others are not quantised.</source>
            <translation>{name} no es un modelo de lenguaje; los demás no se cuantizan.</translation>
        </message>
        <message>
            <source>List them with: jarvis models list</source>
            <translation>Míralos con: jarvis models list</translation>
        </message>
        <message>
            <source>Home Assistant cannot be answered by workers.</source>
            <translation>Los procesos de trabajo no pueden responder a Home Assistant.</translation>
        </message>
        <message>
            <source>Start `jarvis serve --wyoming` without --queue on the machine that shall listen and speak.</source>
            <translation>Inicia `jarvis serve --wyoming` sin --queue en el equipo que debe escuchar y hablar.</translation>
        </message>
        <message>
            <source>There is no client {name}.</source>
            <translation>No hay ningún cliente {name}.</translation>
        </message>
        <message>
            <source>See: jarvis serve token list</source>
            <translation>Mira: jarvis serve token list</translation>
        </message>
        <message>
            <source>There is no question.</source>
            <translation>No hay ninguna pregunta.</translation>
        </message>
        <message>
            <source>Give one: jarvis ask "What time is it in Lima?", or --audio FILE.</source>
            <translation>Indica una: jarvis ask "¿Qué hora es en Lima?", o --audio ARCHIVO.</translation>
        </message>
        <message>
            <source>There is nothing to say.</source>
            <translation>No hay nada que decir.</translation>
        </message>
        <message>
            <source>Give a text: jarvis say "Good morning."</source>
            <translation>Indica un texto: jarvis say "Buenos días."</translation>
        </message>
        <message>
            <source>No words were found in {file}.</source>
            <translation>No se encontraron palabras en {file}.</translation>
        </message>
        <message>
            <source>Check the recording: jarvis transcribe {file}</source>
            <translation>Comprueba la grabación: jarvis transcribe {file}</translation>
        </message>
        <message>
            <source>There is no setting {key}.</source>
            <translation>No existe el ajuste {key}.</translation>
        </message>
        <message>
            <source>All settings are listed by: jarvis config schema</source>
            <translation>Todos los ajustes aparecen con: jarvis config schema</translation>
        </message>
        <message>
            <source>{key} cannot take this value.</source>
            <translation>{key} no admite este valor.</translation>
        </message>
        <message>
            <source>It takes {allowed}.</source>
            <translation>Admite: {allowed}.</translation>
        </message>
        <message>
            <source>{file}, line {line}, column {column}: this is not valid TOML ({reason}).</source>
            <translation>{file}, línea {line}, columna {column}: no es TOML válido ({reason}).</translation>
        </message>
        <message>
            <source>Correct the line; until then the last good settings stay in force.</source>
            <translation>Corrige la línea; hasta entonces siguen en vigor los últimos ajustes correctos.</translation>
        </message>
        <message>
            <source>{file} was written by a newer Jarvis (its schema_version is {version}; this one knows {known}).</source>
            <translation>{file} lo escribió un Jarvis más nuevo (su schema_version es {version}; este conoce {known}).</translation>
        </message>
        <message>
            <source>Update Jarvis, or move the file away to start with the defaults. It was left as it is.</source>
            <translation>Actualiza Jarvis, o aparta el archivo para empezar con los valores iniciales. Se dejó como estaba.</translation>
        </message>
        <message>
            <source>{file}, line {line}: {key} cannot take this value.</source>
            <translation>{file}, línea {line}: {key} no admite este valor.</translation>
        </message>
        <message>
            <source>{file}, line {line}: there is no setting {key}.</source>
            <translation>{file}, línea {line}: no existe el ajuste {key}.</translation>
        </message>
        <message>
            <source>{file}, line {line}: {profile} cannot be the name of a profile.</source>
            <translation>{file}, línea {line}: {profile} no puede ser el nombre de un perfil.</translation>
        </message>
        <message>
            <source>A name has up to 40 letters and digits, between them spaces, hyphens or underscores.</source>
            <translation>Un nombre tiene hasta 40 letras y cifras, y entre ellas espacios, guiones o guiones bajos.</translation>
        </message>
        <message>
            <source>The environment variable {variable} holds a value its setting cannot take, and is ignored.</source>
            <translation>La variable de entorno {variable} tiene un valor que su ajuste no admite, y se ignora.</translation>
        </message>
        <message>
            <source>The environment variable {variable} names no setting and is ignored.</source>
            <translation>La variable de entorno {variable} no corresponde a ningún ajuste y se ignora.</translation>
        </message>
        <message>
            <source>There is no preset {name}.</source>
            <translation>No hay ningún preajuste llamado {name}.</translation>
        </message>
        <message>
            <source>There are: {nearest}.</source>
            <translation>Hay: {nearest}.</translation>
        </message>
        <message>
            <source>There is no profile {profile}. Nothing was changed.</source>
            <translation>No hay ningún perfil {profile}. No se ha cambiado nada.</translation>
        </message>
        <message>
            <source>There is no profile {profile}: Jarvis goes on without one.</source>
            <translation>No hay ningún perfil {profile}: Jarvis sigue sin perfil.</translation>
        </message>
        <message>
            <source>{key} is set by the environment variable {variable}, which wins over the file.</source>
            <translation>{key} lo fija la variable de entorno {variable}, que prevalece sobre el archivo.</translation>
        </message>
        <message>
            <source>Remove the variable and start Jarvis again to change the setting here.</source>
            <translation>Quita la variable e inicia Jarvis de nuevo para cambiar el ajuste aquí.</translation>
        </message>
        <message>
            <source>{file} was changed by another program at the same moment. Nothing was changed here.</source>
            <translation>Otro programa cambió {file} en el mismo momento. Aquí no se cambió nada.</translation>
        </message>
        <message>
            <source>Try again.</source>
            <translation>Inténtalo de nuevo.</translation>
        </message>
        <message>
            <source>{file} is laid out in a way that Jarvis cannot change without breaking it. Nothing was changed.</source>
            <translation>{file} tiene una forma que Jarvis no puede cambiar sin estropearla. No se cambió nada.</translation>
        </message>
        <message>
            <source>Change it in a text editor, best with one [table] for each group of settings.</source>
            <translation>Cámbialo en un editor de texto, mejor con una [tabla] por cada grupo de ajustes.</translation>
        </message>
        <message>
            <source>{file} cannot be written ({reason}). Nothing was changed.</source>
            <translation>No se puede escribir {file} ({reason}). No se cambió nada.</translation>
        </message>
        <message>
            <source>Check the folder and try again.</source>
            <translation>Comprueba la carpeta e inténtalo de nuevo.</translation>
        </message>
        <message>
            <source>{file} cannot be written: the disk is full. Nothing was changed.</source>
            <translation>No se puede escribir {file}: el disco está lleno. No se cambió nada.</translation>
        </message>
        <message>
            <source>Free some space and try again.</source>
            <translation>Libera espacio e inténtalo de nuevo.</translation>
        </message>
        <message>
            <source>{file} is read-only. Nothing was changed.</source>
            <translation>{file} es de solo lectura. No se cambió nada.</translation>
        </message>
        <message>
            <source>Make the file and its folder writable and try again.</source>
            <translation>Da permiso de escritura al archivo y a su carpeta e inténtalo de nuevo.</translation>
        </message>
        <message>
            <source>{file}, line {line}: this is not UTF-8 text.</source>
            <translation>{file}, línea {line}: no es texto UTF-8.</translation>
        </message>
        <message>
            <source>Save the file as UTF-8; until then the last good settings stay in force.</source>
            <translation>Guarda el archivo como UTF-8; hasta entonces siguen en vigor los últimos ajustes correctos.</translation>
        </message>
        <message>
            <source>{file} cannot be read ({reason}).</source>
            <translation>No se puede leer {file} ({reason}).</translation>
        </message>
        <message>
            <source>Check its permissions; until then the last good settings stay in force.</source>
            <translation>Comprueba sus permisos; hasta entonces siguen en vigor los últimos ajustes correctos.</translation>
        </message>
        <message>
            <source>The language engine has stopped answering.</source>
            <translation>El motor de lenguaje ha dejado de responder.</translation>
        </message>
        <message>
            <source>Ask again; a smaller model or a shorter context answers sooner.</source>
            <translation>Pregunta de nuevo; un modelo más pequeño o un contexto más corto responde antes.</translation>
        </message>
        <message>
            <source>The language engine stopped in the middle of the answer.</source>
            <translation>El motor de lenguaje se paró en mitad de la respuesta.</translation>
        </message>
        <message>
            <source>Ask again: it is started anew.</source>
            <translation>Pregunta de nuevo: se inicia otra vez.</translation>
        </message>
        <message>
            <source>The language engine refused the request ({status}): {detail}</source>
            <translation>El motor de lenguaje rechazó la petición ({status}): {detail}</translation>
        </message>
        <message>
            <source>Check the engine's address and model in the settings.</source>
            <translation>Comprueba la dirección y el modelo del motor en los ajustes.</translation>
        </message>
        <message>
            <source>No language engine answers at {address}.</source>
            <translation>Ningún motor de lenguaje responde en {address}.</translation>
        </message>
        <message>
            <source>Check that the server runs and that its address is right.</source>
            <translation>Comprueba que el servidor funciona y que su dirección es correcta.</translation>
        </message>
        <message>
            <source>What answers at {address} is not a language engine, or its answer is garbled.</source>
            <translation>Lo que responde en {address} no es un motor de lenguaje, o su respuesta llega dañada.</translation>
        </message>
        <message>
            <source>The server has to speak OpenAI's protocol; its address usually ends in /v1.</source>
            <translation>El servidor tiene que hablar el protocolo de OpenAI; su dirección suele terminar en /v1.</translation>
        </message>
        <message>
            <source>The language engine at {address} refused the key.</source>
            <translation>El motor de lenguaje en {address} rechazó la clave.</translation>
        </message>
        <message>
            <source>Set the environment variable JARVIS_REMOTE_API_KEY to a key that is valid there.</source>
            <translation>Pon en la variable de entorno JARVIS_REMOTE_API_KEY una clave válida allí.</translation>
        </message>
        <message>
            <source>The conversation is longer than the model can read.</source>
            <translation>La conversación es más larga de lo que el modelo puede leer.</translation>
        </message>
        <message>
            <source>Start a new conversation, or raise engine.context_tokens in the settings.</source>
            <translation>Empieza una conversación nueva, o sube engine.context_tokens en los ajustes.</translation>
        </message>
        <message>
            <source>The language engine is busy: {detail}</source>
            <translation>El motor de lenguaje está ocupado: {detail}</translation>
        </message>
        <message>
            <source>Try again in a moment.</source>
            <translation>Inténtalo de nuevo en un momento.</translation>
        </message>
        <message>
            <source>The language engine failed: {detail}</source>
            <translation>Falló el motor de lenguaje: {detail}</translation>
        </message>
        <message>
            <source>Ask again; if it keeps failing, look at the log.</source>
            <translation>Pregunta de nuevo; si sigue fallando, mira el registro.</translation>
        </message>
        <message>
            <source>The language engine could not be started ({subject}): {detail}</source>
            <translation>No se pudo iniciar el motor de lenguaje ({subject}): {detail}</translation>
        </message>
        <message>
            <source>Check the model with `jarvis models verify`; the log holds all the engine said.</source>
            <translation>Comprueba el modelo con `jarvis models verify`; el registro guarda todo lo que dijo el motor.</translation>
        </message>
        <message>
            <source>The language engine stopped unexpectedly ({status}).</source>
            <translation>El motor de lenguaje se paró de forma inesperada ({status}).</translation>
        </message>
        <message>
            <source>There is not enough memory for the language model.</source>
            <translation>No hay memoria suficiente para el modelo de lenguaje.</translation>
        </message>
        <message>
            <source>Choose a smaller model, lower engine.context_tokens, or close other programs.</source>
            <translation>Elige un modelo más pequeño, baja engine.context_tokens, o cierra otros programas.</translation>
        </message>
        <message>
            <source>vLLM is not installed in {place}.</source>
            <translation>vLLM no está instalado en {place}.</translation>
        </message>
        <message>
            <source>Install it with: {command}</source>
            <translation>Instálalo con: {command}</translation>
        </message>
        <message>
            <source>The model {model} has no files that vLLM can read.</source>
            <translation>El modelo {model} no tiene archivos que vLLM pueda leer.</translation>
        </message>
        <message>
            <source>Choose a model for vLLM (safetensors), or set engine.kind to llama.cpp.</source>
            <translation>Elige un modelo para vLLM (safetensors), o pon engine.kind en llama.cpp.</translation>
        </message>
        <message>
            <source>Port {port} on this machine is taken by another program.</source>
            <translation>Otro programa ocupa el puerto {port} de este equipo.</translation>
        </message>
        <message>
            <source>Set engine.port to 0, which takes any free port, or to another number.</source>
            <translation>Pon engine.port en 0, que toma cualquier puerto libre, o en otro número.</translation>
        </message>
        <message>
            <source>The language engine is not loaded.</source>
            <translation>El motor de lenguaje no está cargado.</translation>
        </message>
        <message>
            <source>Wait until it is loaded, or start it from the status panel.</source>
            <translation>Espera a que se cargue, o inícialo desde el panel de estado.</translation>
        </message>
        <message>
            <source>The language engine has stopped {count} times in a row and is left alone.</source>
            <translation>El motor de lenguaje se ha parado {count} veces seguidas y no se reinicia más.</translation>
        </message>
        <message>
            <source>Try again from the status panel; a smaller model or another engine may be what helps.</source>
            <translation>Reinténtalo desde el panel de estado; puede que ayude un modelo más pequeño u otro motor.</translation>
        </message>
        <message>
            <source>{model} answers without tools: it cannot ask for them.</source>
            <translation>{model} responde sin herramientas: no sabe pedirlas.</translation>
        </message>
        <message>
            <source>No address or no model is set for the remote language engine.</source>
            <translation>Falta la dirección o el modelo del motor de lenguaje remoto.</translation>
        </message>
        <message>
            <source>Set engine.remote.base_url and engine.remote.model in the settings.</source>
            <translation>Indica engine.remote.base_url y engine.remote.model en los ajustes.</translation>
        </message>
        <message>
            <source>The language engine does not tell how likely it finds a text.</source>
            <translation>El motor de lenguaje no dice cuán probable le parece un texto.</translation>
        </message>
        <message>
            <source>Update the engine; its quality cannot be measured otherwise.</source>
            <translation>Actualiza el motor; de otro modo no se puede medir la calidad.</translation>
        </message>
        <message>
            <source>Something went wrong inside Jarvis ({part}).</source>
            <translation>Algo falló dentro de Jarvis ({part}).</translation>
        </message>
        <message>
            <source>Try again. The log file has the details for a report.</source>
            <translation>Inténtalo de nuevo. El archivo de registro tiene los detalles para un informe.</translation>
        </message>
        <message>
            <source>{file} holds more than {millions} million characters, which is too much for a chat.</source>
            <translation>{file} tiene más de {millions} millones de caracteres, demasiado para un chat.</translation>
        </message>
        <message>
            <source>Divide it, or have it remembered: the memory takes longer texts.</source>
            <translation>Divídelo o haz que se recuerde: la memoria admite textos más largos.</translation>
        </message>
        <message>
            <source>{file} is empty.</source>
            <translation>{file} está vacío.</translation>
        </message>
        <message>
            <source>The backup {file} is damaged: it could not be encrypted and was deleted.</source>
            <translation>La copia de seguridad {file} está dañada: no se pudo cifrar y se ha borrado.</translation>
        </message>
        <message>
            <source>Nothing has to be done: a new backup is made by itself.</source>
            <translation>No hay que hacer nada: se hará sola otra copia de seguridad.</translation>
        </message>
        <message>
            <source>The backup {file} cannot be opened with the key of the memory. It stays encrypted.</source>
            <translation>La copia de seguridad {file} no se puede abrir con la clave de la memoria. Sigue cifrada.</translation>
        </message>
        <message>
            <source>Restore the key it was encrypted with to the keyring, or delete the file.</source>
            <translation>Devuelve al llavero la clave con la que se cifró o borra el archivo.</translation>
        </message>
        <message>
            <source>The backup {file} is damaged.</source>
            <translation>La copia de seguridad {file} está dañada.</translation>
        </message>
        <message>
            <source>Take another one; list them with: jarvis memory backups</source>
            <translation>Usa otra; para ver la lista: jarvis memory backups</translation>
        </message>
        <message>
            <source>The memory server {url} does not answer ({reason}).</source>
            <translation>El servidor de memoria {url} no responde ({reason}).</translation>
        </message>
        <message>
            <source>Memory goes on with what is on this machine. Check the address in the settings, or that the server runs.</source>
            <translation>La memoria sigue con lo que hay en este equipo. Comprueba la dirección en los ajustes, o que el servidor funcione.</translation>
        </message>
        <message>
            <source>The vector index failed ({reason}).</source>
            <translation>El índice vectorial falló ({reason}).</translation>
        </message>
        <message>
            <source>It is made anew from the stored memories; search goes on meanwhile.</source>
            <translation>Se rehace a partir de los recuerdos guardados; mientras tanto se puede seguir buscando.</translation>
        </message>
        <message>
            <source>The memory server {url} refuses the key.</source>
            <translation>El servidor de memoria {url} rechaza la clave.</translation>
        </message>
        <message>
            <source>Set the environment variable JARVIS_MEMORY_KEY to a key that is valid there.</source>
            <translation>Pon en la variable de entorno JARVIS_MEMORY_KEY una clave válida para él.</translation>
        </message>
        <message>
            <source>Conversation {place} in {file} is damaged.</source>
            <translation>La conversación {place} de {file} está dañada.</translation>
        </message>
        <message>
            <source>Nothing was changed. Export the conversations again, or correct the file.</source>
            <translation>No se ha cambiado nada. Exporta las conversaciones de nuevo o corrige el archivo.</translation>
        </message>
        <message>
            <source>{file} was written by a newer Jarvis.</source>
            <translation>{file} lo escribió un Jarvis más nuevo.</translation>
        </message>
        <message>
            <source>Update Jarvis. Nothing was changed.</source>
            <translation>Actualiza Jarvis. No se cambió nada.</translation>
        </message>
        <message>
            <source>{file} is too large to be imported.</source>
            <translation>{file} es demasiado grande para importarlo.</translation>
        </message>
        <message>
            <source>Export fewer conversations at a time.</source>
            <translation>Exporta menos conversaciones cada vez.</translation>
        </message>
        <message>
            <source>{file} holds no conversations that Jarvis has exported.</source>
            <translation>{file} no contiene conversaciones exportadas por Jarvis.</translation>
        </message>
        <message>
            <source>Choose a JSON file that was made by “Export”.</source>
            <translation>Elige un archivo JSON hecho con «Exportar».</translation>
        </message>
        <message>
            <source>There is no conversation {conversation}.</source>
            <translation>No existe la conversación {conversation}.</translation>
        </message>
        <message>
            <source>It may have been deleted, or stored in a file that was put aside as damaged.</source>
            <translation>Puede que se haya borrado, o que estuviera en un archivo apartado por estar dañado.</translation>
        </message>
        <message>
            <source>Another program is holding {file}.</source>
            <translation>Otro programa tiene ocupado {file}.</translation>
        </message>
        <message>
            <source>Close other copies of Jarvis and try again.</source>
            <translation>Cierra otras copias de Jarvis e inténtalo de nuevo.</translation>
        </message>
        <message>
            <source>The disk is full: nothing more can be stored in {file}.</source>
            <translation>El disco está lleno: no se puede guardar nada más en {file}.</translation>
        </message>
        <message>
            <source>Free some space. Jarvis goes on, but keeps nothing new until then.</source>
            <translation>Libera espacio. Jarvis sigue, pero hasta entonces no guarda nada nuevo.</translation>
        </message>
        <message>
            <source>{file} cannot be written.</source>
            <translation>No se puede escribir {file}.</translation>
        </message>
        <message>
            <source>Make the file and its folder writable. Jarvis goes on, but keeps nothing new until then.</source>
            <translation>Permite escribir en el archivo y en su carpeta. Jarvis sigue, pero hasta entonces no guarda nada nuevo.</translation>
        </message>
        <message>
            <source>What is stored in {file} cannot be used ({reason}).</source>
            <translation>Lo guardado en {file} no se puede usar ({reason}).</translation>
        </message>
        <message>
            <source>Check the disk and the folder.</source>
            <translation>Comprueba el disco y la carpeta.</translation>
        </message>
        <message>
            <source>What is stored was written by a newer Jarvis (version {version}; this one knows {known}).</source>
            <translation>Lo guardado lo escribió un Jarvis más nuevo (versión {version}; este conoce la {known}).</translation>
        </message>
        <message>
            <source>What is stored in {file} is damaged.</source>
            <translation>Lo guardado en {file} está dañado.</translation>
        </message>
        <message>
            <source>It is put aside and a fresh store is begun; restore a backup if you have one.</source>
            <translation>Se aparta y se empieza de nuevo; restaura una copia de seguridad si la tienes.</translation>
        </message>
        <message>
            <source>There is no memory {item}.</source>
            <translation>No existe el recuerdo {item}.</translation>
        </message>
        <message>
            <source>It may have been forgotten; list what is remembered to see what there is.</source>
            <translation>Puede que se haya olvidado; consulta la lista de recuerdos para ver los que hay.</translation>
        </message>
        <message>
            <source>The memory {item} belongs to another profile.</source>
            <translation>El recuerdo {item} es de otro perfil.</translation>
        </message>
        <message>
            <source>Use another id for it.</source>
            <translation>Usa otro identificador.</translation>
        </message>
        <message>
            <source>The search model e5-small cannot run on this machine ({reason}).</source>
            <translation>El modelo de búsqueda e5-small no funciona en este equipo ({reason}).</translation>
        </message>
        <message>
            <source>Use the other one: jarvis config set memory.encoder minilm-l6-v2</source>
            <translation>Usa el otro: jarvis config set memory.encoder minilm-l6-v2</translation>
        </message>
        <message>
            <source>The search model in {folder} does not work ({reason}).</source>
            <translation>El modelo de búsqueda de {folder} no funciona ({reason}).</translation>
        </message>
        <message>
            <source>Remove it and fetch it again with jarvis models, or use the other one: jarvis config set memory.encoder e5-small</source>
            <translation>Bórralo y vuelve a descargarlo con jarvis models, o usa el otro: jarvis config set memory.encoder e5-small</translation>
        </message>
        <message>
            <source>The search model in {folder} needs packages that are left out here ({reason}).</source>
            <translation>El modelo de búsqueda de {folder} necesita paquetes que aquí no se incluyen ({reason}).</translation>
        </message>
        <message>
            <source>Use the other one: jarvis config set memory.encoder e5-small</source>
            <translation>Usa el otro: jarvis config set memory.encoder e5-small</translation>
        </message>
        <message>
            <source>{file} is encrypted, and there is no key to open it.</source>
            <translation>{file} está cifrado y no hay clave para abrirlo.</translation>
        </message>
        <message>
            <source>Turn encryption of the memory on again, or restore its key to the keyring. Nothing was changed.</source>
            <translation>Vuelve a activar el cifrado de la memoria, o repón su clave en el llavero. No se ha cambiado nada.</translation>
        </message>
        <message>
            <source>{file} is not encrypted, but a key was given to open it.</source>
            <translation>{file} no está cifrado, pero se dio una clave para abrirlo.</translation>
        </message>
        <message>
            <source>Encrypt it first. Nothing was changed.</source>
            <translation>Cífralo antes. No se ha cambiado nada.</translation>
        </message>
        <message>
            <source>{file} cannot be opened with this key.</source>
            <translation>{file} no se puede abrir con esta clave.</translation>
        </message>
        <message>
            <source>Restore the key it was encrypted with to the keyring. Nothing was changed.</source>
            <translation>Repón en el llavero la clave con la que se cifró. No se ha cambiado nada.</translation>
        </message>
        <message>
            <source>Line {line} of {file} is not a question with its answers: {reason}.</source>
            <translation>La línea {line} de {file} no es una pregunta con sus respuestas: {reason}.</translation>
        </message>
        <message>
            <source>Each line is {{"question": "...", "relevant": ["id", ...]}}.</source>
            <translation>Cada línea es {{"question": "...", "relevant": ["id", ...]}}.</translation>
        </message>
        <message>
            <source>{file} is protected by a password.</source>
            <translation>{file} está protegido con contraseña.</translation>
        </message>
        <message>
            <source>Save a copy without one and take that in.</source>
            <translation>Guarda una copia sin ella e incorpora esa.</translation>
        </message>
        <message>
            <source>{file} holds no text: its pages are pictures, as those of a scan.</source>
            <translation>{file} no contiene texto: sus páginas son imágenes, como las de un escaneo.</translation>
        </message>
        <message>
            <source>Have a program recognise the text first (OCR), then take it in again.</source>
            <translation>Haz antes que un programa reconozca el texto (OCR) y vuelve a incorporarlo.</translation>
        </message>
        <message>
            <source>{file} would unpack to {size} MB, far more than a document holds.</source>
            <translation>{file} ocuparía {size} MB al descomprimirse, mucho más que un documento.</translation>
        </message>
        <message>
            <source>It is made to fill memory, or damaged; do not open it.</source>
            <translation>Está hecho para llenar la memoria, o dañado; no lo abras.</translation>
        </message>
        <message>
            <source>There is no file or folder {file}.</source>
            <translation>No existe el archivo o la carpeta {file}.</translation>
        </message>
        <message>
            <source>Check how it is written.</source>
            <translation>Comprueba cómo está escrito.</translation>
        </message>
        <message>
            <source>{file} is of a kind that cannot be read.</source>
            <translation>{file} es de un tipo que no se puede leer.</translation>
        </message>
        <message>
            <source>These can: text, Markdown, source code, PDF, HTML, DOCX, and JSONL with an id and a text on a line.</source>
            <translation>Estos sí: texto, Markdown, código fuente, PDF, HTML, DOCX y JSONL con un id y un texto por línea.</translation>
        </message>
        <message>
            <source>{file} cannot be read: it is no {kind} file, or a damaged one.</source>
            <translation>{file} no se puede leer: no es un archivo {kind}, o está dañado.</translation>
        </message>
        <message>
            <source>Open it with another program, or get it once more.</source>
            <translation>Ábrelo con otro programa, o consíguelo de nuevo.</translation>
        </message>
        <message>
            <source>{file} is not what its name says: {reason}.</source>
            <translation>{file} no es lo que dice su nombre: {reason}.</translation>
        </message>
        <message>
            <source>Save it once more with the program it comes from, or give it its right name.</source>
            <translation>Vuelve a guardarlo con su programa, o dale el nombre correcto.</translation>
        </message>
        <message>
            <source>{file} holds more than {millions} million characters.</source>
            <translation>{file} tiene más de {millions} millones de caracteres.</translation>
        </message>
        <message>
            <source>Divide it into several files.</source>
            <translation>Divídelo en varios archivos.</translation>
        </message>
        <message>
            <source>{file} was given up: reading it takes more memory or time than a document may.</source>
            <translation>Se abandonó {file}: leerlo exige más memoria o tiempo de lo permitido para un documento.</translation>
        </message>
        <message>
            <source>It may be damaged, or made to do harm. Save it anew, or divide it.</source>
            <translation>Puede estar dañado o hecho para causar daño. Guárdalo de nuevo o divídelo.</translation>
        </message>
        <message>
            <source>{count} lines of {file} were left out (line {lines}); the first: {reason}.</source>
            <translation>Se omitieron {count} líneas de {file} (línea {lines}); la primera: {reason}.</translation>
        </message>
        <message>
            <source>Each line has to be an object with an id and a text.</source>
            <translation>Cada línea tiene que ser un objeto con un id y un texto.</translation>
        </message>
        <message>
            <source>{file} is a picture, and there is no model that reads pictures.</source>
            <translation>{file} es una imagen, y no hay ningún modelo que lea imágenes.</translation>
        </message>
        <message>
            <source>Take in what is written on it as text.</source>
            <translation>Incorpora como texto lo que hay escrito en ella.</translation>
        </message>
        <message>
            <source>The conversations are closed: Jarvis is shutting down.</source>
            <translation>Las conversaciones están cerradas: Jarvis se está apagando.</translation>
        </message>
        <message>
            <source>The vector index could not be made ({reason}).</source>
            <translation>No se pudo crear el índice vectorial ({reason}).</translation>
        </message>
        <message>
            <source>Memories are searched without it, which takes a little longer. It is tried again later.</source>
            <translation>Los recuerdos se buscan sin él, lo que tarda un poco más. Se volverá a intentar más tarde.</translation>
        </message>
        <message>
            <source>The vector index in {folder} could not be deleted ({reason}).</source>
            <translation>No se pudo borrar el índice vectorial de {folder} ({reason}).</translation>
        </message>
        <message>
            <source>Delete this folder by hand: it may hold vectors of what was forgotten. It is made anew.</source>
            <translation>Borra esta carpeta a mano: puede contener vectores de lo olvidado. Se creará de nuevo.</translation>
        </message>
        <message>
            <source>The new vector index does not find what is in it.</source>
            <translation>El nuevo índice vectorial no encuentra lo que contiene.</translation>
        </message>
        <message>
            <source>Another program is using the vector index in {folder}.</source>
            <translation>Otro programa está usando el índice vectorial de {folder}.</translation>
        </message>
        <message>
            <source>Close other copies of Jarvis. Meanwhile memories are searched without it.</source>
            <translation>Cierra otras copias de Jarvis. Mientras tanto los recuerdos se buscan sin él.</translation>
        </message>
        <message>
            <source>What was remembered could not be read. It was set aside in {file}, and a new memory was begun.</source>
            <translation>No se pudo leer lo recordado. Se apartó en {file} y se empezó una memoria nueva.</translation>
        </message>
        <message>
            <source>Restore a backup: in the window Memory, or with jarvis memory restore.</source>
            <translation>Restaura una copia de seguridad en la ventana Memoria o con jarvis memory restore.</translation>
        </message>
        <message>
            <source>Give a text.</source>
            <translation>Da un texto.</translation>
        </message>
        <message>
            <source>There is no keyring that could keep the key of the memory ({reason}).</source>
            <translation>No hay ningún llavero que pueda guardar la clave de la memoria ({reason}).</translation>
        </message>
        <message>
            <source>Install and unlock one (GNOME Keyring, KWallet), or switch encryption of the memory off. Nothing was changed.</source>
            <translation>Instala y desbloquea uno (GNOME Keyring, KWallet), o desactiva el cifrado de la memoria. No se ha cambiado nada.</translation>
        </message>
        <message>
            <source>{file} has {size} MB; documents of up to {most} MB are read.</source>
            <translation>{file} tiene {size} MB; se leen documentos de hasta {most} MB.</translation>
        </message>
        <message>
            <source>{file} cannot be opened: {reason}.</source>
            <translation>{file} no se puede abrir: {reason}.</translation>
        </message>
        <message>
            <source>Look whether it is still there and whether you may read it.</source>
            <translation>Mira si sigue ahí y si puedes leerlo.</translation>
        </message>
        <message>
            <source>{file} is neither a file nor a folder.</source>
            <translation>{file} no es un archivo ni una carpeta.</translation>
        </message>
        <message>
            <source>The file is not an export of Jarvis's memory: its first line does not say so.</source>
            <translation>El archivo no es una exportación de la memoria de Jarvis: su primera línea no lo dice.</translation>
        </message>
        <message>
            <source>Choose a file that was written by the export of memory. Nothing was changed.</source>
            <translation>Elige un archivo escrito por la exportación de la memoria. No se ha cambiado nada.</translation>
        </message>
        <message>
            <source>Line {line} of the export cannot be read ({reason}).</source>
            <translation>La línea {line} de la exportación no se puede leer ({reason}).</translation>
        </message>
        <message>
            <source>Mend or remove that line, or use another export. Nothing was changed.</source>
            <translation>Corrige o quita esa línea, o usa otra exportación. No se ha cambiado nada.</translation>
        </message>
        <message>
            <source>This export was written by a newer Jarvis (format {version}; this one knows {known}).</source>
            <translation>Esta exportación la escribió un Jarvis más nuevo (formato {version}; este conoce el {known}).</translation>
        </message>
        <message>
            <source>The memory stopped unexpectedly.</source>
            <translation>La memoria se detuvo de forma inesperada.</translation>
        </message>
        <message>
            <source>It starts again by itself; nothing that was remembered is lost.</source>
            <translation>Vuelve a arrancar sola; no se pierde nada de lo recordado.</translation>
        </message>
        <message>
            <source>The process that reads documents does not run.</source>
            <translation>El proceso que lee documentos no funciona.</translation>
        </message>
        <message>
            <source>See the log; starting Jarvis anew may help.</source>
            <translation>Mira el registro; reiniciar Jarvis puede ayudar.</translation>
        </message>
        <message>
            <source>{file} cannot be taken in: its name is not in UTF-8.</source>
            <translation>{file} no se puede incorporar: su nombre no está en UTF-8.</translation>
        </message>
        <message>
            <source>Give it another name.</source>
            <translation>Dale otro nombre.</translation>
        </message>
        <message>
            <source>There is no search stage {stage}.</source>
            <translation>No existe la etapa de búsqueda {stage}.</translation>
        </message>
        <message>
            <source>The stages are: {known}.</source>
            <translation>Las etapas son: {known}.</translation>
        </message>
        <message>
            <source>Nothing is kept in this profile, and so nothing can be imported.</source>
            <translation>En este perfil no se guarda nada, así que no se puede importar nada.</translation>
        </message>
        <message>
            <source>Choose another profile, and import again.</source>
            <translation>Elige otro perfil e importa de nuevo.</translation>
        </message>
        <message>
            <source>{file} is the memory itself: it cannot be overwritten with a copy.</source>
            <translation>{file} es la propia memoria: no se puede sobrescribir con una copia.</translation>
        </message>
        <message>
            <source>Choose another file.</source>
            <translation>Elige otro archivo.</translation>
        </message>
        <message>
            <source>The model in {folder} that puts what was found in order does not work ({reason}).</source>
            <translation>El modelo de {folder} que ordena lo encontrado no funciona ({reason}).</translation>
        </message>
        <message>
            <source>Fetch it again: jarvis models get minilm-words. Until then the order is less good.</source>
            <translation>Vuelve a descargarlo: jarvis models get minilm-words. Hasta entonces el orden es peor.</translation>
        </message>
        <message>
            <source>Documents in watched folders that were left out: {count}. The first: {reason}</source>
            <translation>Documentos de las carpetas vigiladas que se omitieron: {count}. El primero: {reason}</translation>
        </message>
        <message>
            <source>Watched folders cannot be followed: {reason}.</source>
            <translation>No se pueden vigilar las carpetas: {reason}.</translation>
        </message>
        <message>
            <source>The watched folder {folder} is not there, or no full path.</source>
            <translation>La carpeta vigilada {folder} no existe o no es una ruta completa.</translation>
        </message>
        <message>
            <source>Watched folders could not be taken in: {reason}</source>
            <translation>No se pudieron incorporar las carpetas vigiladas: {reason}</translation>
        </message>
        <message>
            <source>There is no model called {name}.</source>
            <translation>No hay ningún modelo llamado {name}.</translation>
        </message>
        <message>
            <source>Did you mean {nearest}? See all with: jarvis models list</source>
            <translation>¿Querías decir {nearest}? Velos todos con: jarvis models list</translation>
        </message>
        <message>
            <source>See the names with: jarvis models list</source>
            <translation>Consulta los nombres con: jarvis models list</translation>
        </message>
        <message>
            <source>The model catalogue {path} cannot be read: {reason}.</source>
            <translation>No se puede leer el catálogo de modelos {path}: {reason}.</translation>
        </message>
        <message>
            <source>The download was stopped.</source>
            <translation>Se paró la descarga.</translation>
        </message>
        <message>
            <source>It goes on from where it stopped when you start it again.</source>
            <translation>Sigue desde donde se quedó cuando la inicies de nuevo.</translation>
        </message>
        <message>
            <source>{host} does not give out {file}: {status} {reason}.</source>
            <translation>{host} no entrega {file}: {status} {reason}.</translation>
        </message>
        <message>
            <source>{path} cannot be written: {reason}.</source>
            <translation>No se puede escribir {path}: {reason}.</translation>
        </message>
        <message>
            <source>Check who may write to that folder.</source>
            <translation>Comprueba quién puede escribir en esa carpeta.</translation>
        </message>
        <message>
            <source>What {host} sent as {file} is not the expected file; it was thrown away.</source>
            <translation>Lo que {host} envió como {file} no es el archivo esperado; se descartó.</translation>
        </message>
        <message>
            <source>Try again later; if it stays like this, the file was changed at its source.</source>
            <translation>Inténtalo más tarde; si sigue igual, el archivo cambió en su origen.</translation>
        </message>
        <message>
            <source>The disk is full: {path} cannot grow.</source>
            <translation>El disco está lleno: {path} no puede crecer.</translation>
        </message>
        <message>
            <source>Free some space and try again; what has arrived is kept.</source>
            <translation>Libera espacio e inténtalo de nuevo; lo que ya llegó se conserva.</translation>
        </message>
        <message>
            <source>{source} cannot be read: {reason}.</source>
            <translation>No se puede leer {source}: {reason}.</translation>
        </message>
        <message>
            <source>The connection to {host} was lost: {reason}.</source>
            <translation>Se perdió la conexión con {host}: {reason}.</translation>
        </message>
        <message>
            <source>Check the network and try again; what has arrived is kept.</source>
            <translation>Comprueba la red e inténtalo de nuevo; lo que ya llegó se conserva.</translation>
        </message>
        <message>
            <source>The disk is full: {name} needs {need} MB more and {free} MB are free in {folder}.</source>
            <translation>El disco está lleno: {name} necesita {need} MB más y en {folder} hay {free} MB libres.</translation>
        </message>
        <message>
            <source>GGUF files cannot be quantised here: the package cyllama is missing.</source>
            <translation>Aquí no se pueden cuantizar archivos GGUF: falta el paquete cyllama.</translation>
        </message>
        <message>
            <source>It is installed with Jarvis, except on Linux with an ARM processor, where there is none.</source>
            <translation>Se instala con Jarvis, salvo en Linux con procesador ARM, para el que no existe.</translation>
        </message>
        <message>
            <source>llm-compressor, which quantises for vLLM, is not installed in {place}.</source>
            <translation>llm-compressor, que cuantiza para vLLM, no está instalado en {place}.</translation>
        </message>
        <message>
            <source>{kind} is no type that {source} can be quantised to.</source>
            <translation>{kind} no es un tipo al que se pueda cuantizar {source}.</translation>
        </message>
        <message>
            <source>Choose one of: {fitting}</source>
            <translation>Elige uno de estos: {fitting}</translation>
        </message>
        <message>
            <source>{source} could not be quantised: {reason}.</source>
            <translation>No se pudo cuantizar {source}: {reason}.</translation>
        </message>
        <message>
            <source>If the file is damaged, fetch it again; nothing was changed.</source>
            <translation>Si el archivo está dañado, descárgalo de nuevo; no se ha cambiado nada.</translation>
        </message>
        <message>
            <source>{name} cannot be the name of a model.</source>
            <translation>Un modelo no puede llamarse {name}.</translation>
        </message>
        <message>
            <source>Choose one with --keep-as: letters, digits, dots, dashes and underscores.</source>
            <translation>Elige un nombre con --keep-as: letras, cifras, puntos y guiones.</translation>
        </message>
        <message>
            <source>{path} is there already and was made of something else.</source>
            <translation>{path} ya existe y se hizo a partir de otra cosa.</translation>
        </message>
        <message>
            <source>Choose another name with --keep-as, or delete that file first.</source>
            <translation>Elige otro nombre con --keep-as o borra antes ese archivo.</translation>
        </message>
        <message>
            <source>As {kind}, {source} would not be smaller: {after} MiB instead of {before} MiB.</source>
            <translation>Como {kind}, {source} no ocuparía menos: {after} MiB en lugar de {before} MiB.</translation>
        </message>
        <message>
            <source>Choose a smaller type: {smaller}; or begin with the model as its makers published it, unquantised.</source>
            <translation>Elige un tipo más pequeño: {smaller}; o parte del modelo sin cuantizar, tal como lo publicaron sus autores.</translation>
        </message>
        <message>
            <source>There is not enough room in {folder}: {needed} MiB are needed, {free} MiB are free.</source>
            <translation>No hay sitio suficiente en {folder}: se necesitan {needed} MiB y hay {free} MiB libres.</translation>
        </message>
        <message>
            <source>Free some space, or choose a smaller type.</source>
            <translation>Libera espacio o elige un tipo más pequeño.</translation>
        </message>
        <message>
            <source>{source} could not be quantised: the system ended it, most likely for want of memory.</source>
            <translation>No se pudo cuantizar {source}: el sistema terminó el proceso, casi seguro por falta de memoria.</translation>
        </message>
        <message>
            <source>Close other programs, or take another type or a smaller model; nothing was changed.</source>
            <translation>Cierra otros programas, o elige otro tipo o un modelo más pequeño; no se ha cambiado nada.</translation>
        </message>
        <message>
            <source>{name} is being made by another Jarvis.</source>
            <translation>Otro Jarvis está haciendo {name}.</translation>
        </message>
        <message>
            <source>Wait until it has finished.</source>
            <translation>Espera a que termine.</translation>
        </message>
        <message>
            <source>{path} is refused: {reason}.</source>
            <translation>Se rechaza {path}: {reason}.</translation>
        </message>
        <message>
            <source>Remove it, or fetch the model again.</source>
            <translation>Quítalo, o descarga el modelo de nuevo.</translation>
        </message>
        <message>
            <source>There is no model at {path}.</source>
            <translation>No hay ningún modelo en {path}.</translation>
        </message>
        <message>
            <source>Set engine.model to a model of the catalogue, or to a file or folder that exists.</source>
            <translation>Pon en engine.model un modelo del catálogo, o un archivo o carpeta que exista.</translation>
        </message>
        <message>
            <source>The model {name} is not on this machine.</source>
            <translation>El modelo {name} no está en este equipo.</translation>
        </message>
        <message>
            <source>Fetch it with: jarvis models get {name}</source>
            <translation>Descárgalo con: jarvis models get {name}</translation>
        </message>
        <message>
            <source>{path} is damaged: it is not the file that was published.</source>
            <translation>{path} está dañado: no es el archivo que se publicó.</translation>
        </message>
        <message>
            <source>Fetch it again with: jarvis models get {name}</source>
            <translation>Descárgalo de nuevo con: jarvis models get {name}</translation>
        </message>
        <message>
            <source>{host} does not tell the newest version: {reason}.</source>
            <translation>{host} no dice cuál es la versión más nueva: {reason}.</translation>
        </message>
        <message>
            <source>Check the network, and the address in Settings, Updates.</source>
            <translation>Revisa la red y la dirección en Ajustes, Actualizaciones.</translation>
        </message>
        <message>
            <source>What {host} sent does not name a version.</source>
            <translation>Lo que envió {host} no nombra ninguna versión.</translation>
        </message>
        <message>
            <source>Check the address in Settings, Updates.</source>
            <translation>Revisa la dirección en Ajustes, Actualizaciones.</translation>
        </message>
        <message>
            <source>The downloaded archive does not give the expected {file}: {reason}.</source>
            <translation>El archivo descargado no da el {file} esperado: {reason}.</translation>
        </message>
        <message>
            <source>The Python package index does not answer as expected: {reason}.</source>
            <translation>El índice de paquetes de Python no responde como se espera: {reason}.</translation>
        </message>
        <message>
            <source>Check the network, and pip's settings with: pip config list</source>
            <translation>Comprueba la red, y la configuración de pip con: pip config list</translation>
        </message>
        <message>
            <source>The Python package index cannot be reached.</source>
            <translation>No se puede llegar al índice de paquetes de Python.</translation>
        </message>
        <message>
            <source>Jarvis works offline, so {host} was not contacted.</source>
            <translation>Jarvis trabaja sin conexión, así que no se contactó con {host}.</translation>
        </message>
        <message>
            <source>Switch off “Work offline” in the privacy view to allow it.</source>
            <translation>Desactiva «Trabajar sin conexión» en la vista de privacidad para permitirlo.</translation>
        </message>
        <message>
            <source>{model} cannot be used now: {other} answers instead.</source>
            <translation>{model} no se puede usar ahora: responde {other} en su lugar.</translation>
        </message>
        <message>
            <source>There is not enough memory: {model} goes on with one answer at a time.</source>
            <translation>No hay memoria suficiente: {model} sigue con una respuesta cada vez.</translation>
        </message>
        <message>
            <source>There is not enough memory: {model} goes on with {tokens} tokens of context.</source>
            <translation>No hay memoria suficiente: {model} sigue con {tokens} tokens de contexto.</translation>
        </message>
        <message>
            <source>There is not enough memory for {model}: {other} answers instead.</source>
            <translation>No hay memoria suficiente para {model}: responde {other} en su lugar.</translation>
        </message>
        <message>
            <source>The language engine is busy: it is asked again.</source>
            <translation>El motor de lenguaje está ocupado: se le pregunta otra vez.</translation>
        </message>
        <message>
            <source>The conversation is longer than the model can read: its beginning is left out.</source>
            <translation>La conversación es más larga de lo que el modelo puede leer: se deja fuera su principio.</translation>
        </message>
        <message>
            <source>The size of {path} cannot be read from it: {reason}.</source>
            <translation>No se puede leer el tamaño de {path}: {reason}.</translation>
        </message>
        <message>
            <source>Check it with `jarvis models verify`, or choose another model.</source>
            <translation>Compruébalo con `jarvis models verify` o elige otro modelo.</translation>
        </message>
        <message>
            <source>{model} takes {mib} MiB more once a question asks for it.</source>
            <translation>{model} ocupa {mib} MiB más cuando una pregunta lo requiere.</translation>
        </message>
        <message>
            <source>{model} takes {mib} MiB, more than is free: {other} answers in its place.</source>
            <translation>{model} ocupa {mib} MiB, más de lo que hay libre: {other} responde en su lugar.</translation>
        </message>
        <message>
            <source>{model} takes {mib} MiB once a question asks for it: other models leave memory for it then.</source>
            <translation>{model} ocupa {mib} MiB cuando una pregunta lo requiere: otros modelos dejan entonces la memoria.</translation>
        </message>
        <message>
            <source>{model} was trained for {tokens} tokens of context: more takes memory and gains nothing.</source>
            <translation>{model} se entrenó con {tokens} tokens de contexto: más ocupa memoria y no aporta nada.</translation>
        </message>
        <message>
            <source>One conversation of full length needs {gib} GiB: raise engine.vllm.cpu_kv_cache_gb, or lower engine.context_tokens.</source>
            <translation>Una conversación completa necesita {gib} GiB: sube engine.vllm.cpu_kv_cache_gb o baja engine.context_tokens.</translation>
        </message>
        <message>
            <source>Allow fewer answers at once in server.concurrent: each takes {mib} MiB.</source>
            <translation>Permite menos respuestas a la vez en server.concurrent: cada una ocupa {mib} MiB.</translation>
        </message>
        <message>
            <source>Lower engine.context_tokens to {tokens}: that saves {mib} MiB.</source>
            <translation>Baja engine.context_tokens a {tokens}: ahorra {mib} MiB.</translation>
        </message>
        <message>
            <source>Choose the model {model}: it takes {mib} MiB.</source>
            <translation>Elige el modelo {model}: ocupa {mib} MiB.</translation>
        </message>
        <message>
            <source>Close programs that use the graphics card: {mib} MiB are missing.</source>
            <translation>Cierra programas que usen la tarjeta gráfica: faltan {mib} MiB.</translation>
        </message>
        <message>
            <source>Close other programs: {mib} MiB of memory are missing.</source>
            <translation>Cierra otros programas: faltan {mib} MiB de memoria.</translation>
        </message>
        <message>
            <source>Raise engine.vllm.gpu_memory_utilization to {share}, or lower engine.context_tokens.</source>
            <translation>Sube engine.vllm.gpu_memory_utilization a {share} o baja engine.context_tokens.</translation>
        </message>
        <message>
            <source>There is no room for {model}: it takes {mib} MiB, and {missing} MiB are missing.</source>
            <translation>No hay sitio para {model}: ocupa {mib} MiB y faltan {missing} MiB.</translation>
        </message>
        <message>
            <source>See what would help with: jarvis models plan</source>
            <translation>Mira qué ayudaría con: jarvis models plan</translation>
        </message>
        <message>
            <source>A helper process failed ({reason}).</source>
            <translation>Falló un proceso auxiliar ({reason}).</translation>
        </message>
        <message>
            <source>Jarvis is answering as many requests as it can.</source>
            <translation>Jarvis ya responde a todas las peticiones que puede.</translation>
        </message>
        <message>
            <source>Ask again in {retry_after} s.</source>
            <translation>Pregunta otra vez dentro de {retry_after} s.</translation>
        </message>
        <message>
            <source>This program has more requests waiting than Jarvis can take.</source>
            <translation>Este programa tiene más peticiones en espera de las que Jarvis puede aceptar.</translation>
        </message>
        <message>
            <source>Ask again in {retry_after} s, or ask for less at once.</source>
            <translation>Pregunta otra vez dentro de {retry_after} s, o pide menos de una vez.</translation>
        </message>
        <message>
            <source>{file} is not read.</source>
            <translation>No se lee {file}.</translation>
        </message>
        <message>
            <source>Jarvis is being closed.</source>
            <translation>Jarvis se está cerrando.</translation>
        </message>
        <message>
            <source>Ask again when it runs.</source>
            <translation>Pregunta otra vez cuando esté en marcha.</translation>
        </message>
        <message>
            <source>Other computers could reach Jarvis at {host}, and no names are allowed for that.</source>
            <translation>Otros equipos podrían llegar a Jarvis en {host}, y no hay nombres permitidos para eso.</translation>
        </message>
        <message>
            <source>List the names that they call this computer by in server.allowed_hosts, or use 127.0.0.1.</source>
            <translation>Pon en server.allowed_hosts los nombres con los que llaman a este equipo, o usa 127.0.0.1.</translation>
        </message>
        <message>
            <source>{host} is no address to listen on.</source>
            <translation>{host} no es una dirección en la que escuchar.</translation>
        </message>
        <message>
            <source>Use 127.0.0.1, or the number of a network card: jarvis config set server.host ADDRESS</source>
            <translation>Usa 127.0.0.1, o el número de una tarjeta de red: jarvis config set server.host ADDRESS</translation>
        </message>
        <message>
            <source>No port from {first} to {last} is free.</source>
            <translation>Ningún puerto de {first} a {last} está libre.</translation>
        </message>
        <message>
            <source>Choose another one: jarvis config set {setting} PORT</source>
            <translation>Elige otro: jarvis config set {setting} PORT</translation>
        </message>
        <message>
            <source>Jarvis cannot listen at {host} ({reason}).</source>
            <translation>Jarvis no puede escuchar en {host} ({reason}).</translation>
        </message>
        <message>
            <source>Choose an address of this computer: 127.0.0.1 is for programs on it only.</source>
            <translation>Elige una dirección de este equipo: 127.0.0.1 es solo para sus programas.</translation>
        </message>
        <message>
            <source>Jarvis works offline, so other computers cannot use it at {host}.</source>
            <translation>Jarvis trabaja sin conexión, así que otros equipos no pueden usarlo en {host}.</translation>
        </message>
        <message>
            <source>Switch off “Work offline” in the privacy view, or set that address to 127.0.0.1.</source>
            <translation>Desactiva «Trabajar sin conexión» en la vista de privacidad, o pon esa dirección en 127.0.0.1.</translation>
        </message>
        <message>
            <source>No worker is there to answer.</source>
            <translation>No hay ningún proceso de trabajo que responda.</translation>
        </message>
        <message>
            <source>Start one with: jarvis worker</source>
            <translation>Inicia uno con: jarvis worker</translation>
        </message>
        <message>
            <source>The worker that was answering has stopped.</source>
            <translation>El proceso de trabajo que respondía se ha detenido.</translation>
        </message>
        <message>
            <source>Ask again: another one will take it.</source>
            <translation>Pregunta otra vez: otro se encargará.</translation>
        </message>
        <message>
            <source>Redis at {host}:{port} does not answer, or refuses the password.</source>
            <translation>Redis en {host}:{port} no responde, o rechaza la contraseña.</translation>
        </message>
        <message>
            <source>Start it, or set server.redis_url and the environment variable {variable}.</source>
            <translation>Inícialo, o ajusta server.redis_url y la variable de entorno {variable}.</translation>
        </message>
        <message>
            <source>Sharing the work with other machines needs Celery, which is not installed.</source>
            <translation>Para repartir el trabajo entre equipos hace falta Celery, que no está instalado.</translation>
        </message>
        <message>
            <source>{count} tasks are waiting or under way.</source>
            <translation>Hay {count} tareas en espera o en marcha.</translation>
        </message>
        <message>
            <source>Ask again when some have ended.</source>
            <translation>Pregunta otra vez cuando hayan terminado algunas.</translation>
        </message>
        <message>
            <source>{path} may come from somebody else: it is not a file that only you can write.</source>
            <translation>{path} puede venir de otra persona: no es un archivo que solo tú puedas escribir.</translation>
        </message>
        <message>
            <source>Look at it, and delete it if you do not know it.</source>
            <translation>Míralo, y bórralo si no lo conoces.</translation>
        </message>
        <message>
            <source>{name} cannot be the name of a client.</source>
            <translation>{name} no puede ser el nombre de un cliente.</translation>
        </message>
        <message>
            <source>{name} may do nothing.</source>
            <translation>{name} no puede hacer nada.</translation>
        </message>
        <message>
            <source>Choose at least one thing that it may ask for.</source>
            <translation>Elige al menos una cosa que pueda pedir.</translation>
        </message>
        <message>
            <source>The clients in {path} could not be read or written: {reason}.</source>
            <translation>No se pudieron leer o escribir los clientes en {path}: {reason}.</translation>
        </message>
        <message>
            <source>See who may write there, and whether the disk is full.</source>
            <translation>Mira quién puede escribir allí, y si el disco está lleno.</translation>
        </message>
        <message>
            <source>There is a client with the name {name} already.</source>
            <translation>Ya hay un cliente con el nombre {name}.</translation>
        </message>
        <message>
            <source>Choose another name, or revoke that one.</source>
            <translation>Elige otro nombre, o retira ese.</translation>
        </message>
        <message>
            <source>The list of clients in {path} cannot be read.</source>
            <translation>No se puede leer la lista de clientes en {path}.</translation>
        </message>
        <message>
            <source>Restore the file, or delete it and make the clients again.</source>
            <translation>Restaura el archivo, o bórralo y crea los clientes otra vez.</translation>
        </message>
        <message>
            <source>There is no such {what} here.</source>
            <translation>Aquí no existe: {what}.</translation>
        </message>
        <message>
            <source>Have the client ask again what there is: in Home Assistant, reload the integration.</source>
            <translation>Haz que el cliente vuelva a preguntar qué hay: en Home Assistant, recarga la integración.</translation>
        </message>
        <message>
            <source>The client was silent for too long.</source>
            <translation>El cliente calló demasiado tiempo.</translation>
        </message>
        <message>
            <source>Connect again when there is something to say or to hear.</source>
            <translation>Conecta de nuevo cuando haya algo que decir u oír.</translation>
        </message>
        <message>
            <source>Jarvis does not read SSML.</source>
            <translation>Jarvis no lee SSML.</translation>
        </message>
        <message>
            <source>Send plain text.</source>
            <translation>Envía texto sencillo.</translation>
        </message>
        <message>
            <source>The recording is longer than {minutes} minutes.</source>
            <translation>La grabación dura más de {minutes} minutos.</translation>
        </message>
        <message>
            <source>Send it in parts.</source>
            <translation>Envíalo por partes.</translation>
        </message>
        <message>
            <source>{most} clients are connected already.</source>
            <translation>Ya hay {most} clientes conectados.</translation>
        </message>
        <message>
            <source>Try again when one of them has gone.</source>
            <translation>Inténtalo cuando uno se haya ido.</translation>
        </message>
        <message>
            <source>The text is longer than {characters} characters.</source>
            <translation>El texto tiene más de {characters} caracteres.</translation>
        </message>
        <message>
            <source>An event is not understood: {reason}.</source>
            <translation>No se entiende un evento: {reason}.</translation>
        </message>
        <message>
            <source>Check that the client speaks the Wyoming protocol.</source>
            <translation>Comprueba que el cliente hable el protocolo Wyoming.</translation>
        </message>
        <message>
            <source>A sentence could not be spoken ({reason}).</source>
            <translation>No se pudo decir una frase ({reason}).</translation>
        </message>
        <message>
            <source>Choose another voice if it happens again.</source>
            <translation>Elige otra voz si vuelve a ocurrir.</translation>
        </message>
        <message>
            <source>The voice {file} cannot be read ({reason}).</source>
            <translation>No se puede leer la voz {file} ({reason}).</translation>
        </message>
        <message>
            <source>Get the voice again in the settings, or with: jarvis models get NAME</source>
            <translation>Descarga la voz de nuevo en los ajustes, o con: jarvis models get NOMBRE</translation>
        </message>
        <message>
            <source>Speech output stopped unexpectedly.</source>
            <translation>La voz se paró de forma inesperada.</translation>
        </message>
        <message>
            <source>It starts again by itself with the next answer.</source>
            <translation>Se inicia sola con la próxima respuesta.</translation>
        </message>
        <message>
            <source>The voice {name} is incomplete.</source>
            <translation>La voz {name} está incompleta.</translation>
        </message>
        <message>
            <source>Get it with: jarvis models get {name}</source>
            <translation>Descárgala con: jarvis models get {name}</translation>
        </message>
        <message>
            <source>Speech recognition stopped unexpectedly.</source>
            <translation>El reconocimiento de voz se paró de forma inesperada.</translation>
        </message>
        <message>
            <source>It starts again by itself the next time you speak.</source>
            <translation>Se inicia solo la próxima vez que hables.</translation>
        </message>
        <message>
            <source>The speech recognition model in {folder} cannot be read ({reason}).</source>
            <translation>No se puede leer el modelo de reconocimiento de voz de {folder} ({reason}).</translation>
        </message>
        <message>
            <source>Get the model again in the settings, or with: jarvis models get NAME</source>
            <translation>Descarga el modelo de nuevo en los ajustes, o con: jarvis models get NOMBRE</translation>
        </message>
        <message>
            <source>The graphics card cannot be used for speech recognition ({reason}).</source>
            <translation>No se puede usar la tarjeta gráfica para el reconocimiento de voz ({reason}).</translation>
        </message>
        <message>
            <source>Set “Run on” to the processor, or repair the CUDA installation.</source>
            <translation>Pon «Ejecutar en» en el procesador, o repara la instalación de CUDA.</translation>
        </message>
        <message>
            <source>The speech recognition model in {folder} is incomplete: {files} is missing.</source>
            <translation>El modelo de reconocimiento de voz de {folder} está incompleto: falta {files}.</translation>
        </message>
        <message>
            <source>The speech recognition model is not loaded.</source>
            <translation>El modelo de reconocimiento de voz no está cargado.</translation>
        </message>
        <message>
            <source>Speech could not be turned into text ({reason}).</source>
            <translation>No se pudo convertir la voz en texto ({reason}).</translation>
        </message>
        <message>
            <source>Try again; if it happens again, choose a smaller model.</source>
            <translation>Inténtalo de nuevo; si vuelve a ocurrir, elige un modelo más pequeño.</translation>
        </message>
        <message>
            <source>The profile could not be written to {path}: {reason}.</source>
            <translation>No se pudo escribir el análisis en {path}: {reason}.</translation>
        </message>
        <message>
            <source>Make room there, or see who may write there.</source>
            <translation>Haz sitio allí, o mira quién puede escribir allí.</translation>
        </message>
        <message>
            <source>{file}, line {line}: this is not valid JSON ({reason}). Its tool servers are left out.</source>
            <translation>{file}, línea {line}: esto no es JSON válido ({reason}). Sus servidores de herramientas no se usan.</translation>
        </message>
        <message>
            <source>{file} cannot be read ({reason}). Its tool servers are left out.</source>
            <translation>No se puede leer {file} ({reason}). Sus servidores de herramientas no se usan.</translation>
        </message>
        <message>
            <source>{file}: the tool server “{name}” is left out: {reason}.</source>
            <translation>{file}: el servidor de herramientas «{name}» no se usa: {reason}.</translation>
        </message>
        <message>
            <source>{file} names no tool servers: it has to look like {example}.</source>
            <translation>{file} no nombra servidores de herramientas: tiene que ser como {example}.</translation>
        </message>
        <message>
            <source>The tool server “{name}” cannot be used: {reason}.</source>
            <translation>No se puede usar el servidor de herramientas «{name}»: {reason}.</translation>
        </message>
        <message>
            <source>Jarvis cannot type into other programs here ({reason}).</source>
            <translation>Jarvis no puede escribir aquí en otros programas ({reason}).</translation>
        </message>
        <message>
            <source>Dictate into Jarvis’ own window and copy the text.</source>
            <translation>Dicta en la ventana de Jarvis y copia el texto.</translation>
        </message>
        <message>
            <source>macOS does not let Jarvis type into other programs.</source>
            <translation>macOS no deja que Jarvis escriba en otros programas.</translation>
        </message>
        <message>
            <source>Allow it in System Settings, Privacy &amp; Security, Accessibility, and start Jarvis again.</source>
            <translation>Permítelo en Ajustes del Sistema, Privacidad y seguridad, Accesibilidad, y vuelve a iniciar Jarvis.</translation>
        </message>
        <message>
            <source>The desktop does not let Jarvis type into other programs.</source>
            <translation>El escritorio no deja que Jarvis escriba en otros programas.</translation>
        </message>
        <message>
            <source>Dictate again and allow it when the desktop asks. One that never asks does not offer it: dictate into Jarvis’ own window, or use an X11 session.</source>
            <translation>Dicta otra vez y permítelo cuando el escritorio pregunte. Si nunca pregunta, no lo ofrece: dicta en la ventana de Jarvis o usa una sesión X11.</translation>
        </message>
        <message>
            <source>Windows did not let Jarvis type into this program.</source>
            <translation>Windows no dejó que Jarvis escribiera en este programa.</translation>
        </message>
        <message>
            <source>It may run as administrator. Dictate into Jarvis’ own window and copy the text.</source>
            <translation>Quizá se ejecuta como administrador. Dicta en la ventana de Jarvis y copia el texto.</translation>
        </message>
    </context>
</TS>

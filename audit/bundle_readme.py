"""What a bundle says of itself to the person who opens it, in French and in English."""

README_FR = """\
DOSSIER DE PREUVE

Ce dossier contient des écritures du journal d'audit, octet pour octet, et de quoi vérifier, sans le logiciel qui
l'a fait, qu'elles sont celles qui ont été scellées et qu'il n'en manque pas.

    python3 -I verify.py --lang fr

Demandez par un autre canal que ce dossier la clé publique du journal, et gardez un point de contrôle reçu avant :

    python3 -I verify.py --key CLE.vkey --checkpoint POINT_GARDE --lang fr

Codes de sortie : 0 vérifié, 1 falsifié (la première ligne fautive est nommée), 2 incomplet, 3 indécidable.

Sans la clé reçue ailleurs, la vérification ne dit que ceci : le dossier s'accorde avec lui-même. Sans point de
contrôle gardé, elle ne montre pas qu'un ancien historique n'a pas été réécrit par qui détient la clé. Elle ne dit
jamais qu'un fait saisi par une personne habilitée est vrai.

Sous anchors/ : les points de contrôle envoyés à des tiers, avec leurs horodatages ; --tsa CERTIFICATS en vérifie la
signature, avec openssl.

Sous proofs/, dans un dossier partiel : une preuve par ligne, au format C2SP tlog-proof, lisible par d'autres outils.
Sous keys/ : les clés publiques, et l'annonce de chaque changement de clé avec sa preuve.

Gardez le fichier « checkpoint » de ce dossier : il engage le journal pour la suite.
Les valeurs personnelles n'y sont pas ; les écritures n'en portent que des engagements.
"""

README_EN = """\
EVIDENCE BUNDLE

This bundle holds entries of the audit log, byte for byte, and what it takes to verify, without the software that
made it, that they are the ones that were sealed and that none was left out.

    python3 -I verify.py --lang en

Ask for the log's public key by another channel than this bundle, and keep a checkpoint that you received before:

    python3 -I verify.py --key KEY.vkey --checkpoint KEPT_CHECKPOINT --lang en

Exit codes: 0 verified, 1 tampered with (the first bad line is named), 2 incomplete, 3 cannot tell.

Without the key from elsewhere, verifying tells only that the bundle agrees with itself. Without a checkpoint that
you kept, it does not show that old history was not rewritten by whoever holds the key. It never tells that a fact
entered by somebody entitled to is true.

Under anchors/: the checkpoints that were sent to others, with their time stamps; --tsa CERTIFICATES has openssl
check their signatures.

Under proofs/, in a bundle of a part: a proof for each line, in the format C2SP tlog-proof, for other tools.
Under keys/: the public keys, and the announcement of each change of key with its proof.

Keep the file "checkpoint" of this bundle: it commits the log for what follows.
Personal values are not in it; the entries hold commitments to them only.
"""

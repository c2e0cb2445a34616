"""Words that say nothing of what a text is about, by language, without accents."""

_LISTS = {
    "en": """a about after all also an and any are as at be because been before being between both but by can cannot
        could did do does doing down during each few for from further had has have having he her here hers him his how
        i if in into is it its itself just me more most my no nor not of off on once only or other our ours out over
        own same she should so some such than that the their theirs them then there these they this those through to
        too under until up very was we were what when where which while who whom why will with would you your yours""",
    "de": """ab aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf
        aus bei beim bin bis bist da damit dann das dass dein deine dem den denn der des dessen die dies diese diesem
        diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es etwas euch euer fur gegen hab
        habe haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede
        jedem jeden jeder jedes jene kann kein keine keinem keinen keiner konnen konnte mein meine meinem meinen meiner
        mich mir mit muss mussen nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen seiner seit
        sich sie sind so soll sollen sollte sondern um und uns unser unsere unter viel vom von vor wann war waren warum
        was weil welche welchem welchen welcher welches wenn wer werde werden wie wieder will wir wird wirst wo wollen
        worden wurde wurden zu zum zur zwar zwischen uber""",
    "fr": """a afin ai aient alors apres as au aucun aussi autre aux avait avant avec avez avoir avons c car ce ceci
        cela ces cet cette ceux chaque chez ci comme comment d dans de depuis des dois doit donc du elle elles en
        encore entre es est et etaient etait etant ete etes etre eu eux fait faut font furent il ils j je jusqu l la
        le les leur leurs lors lui m ma mais me meme mes mon n ne ni nos notre nous on ont ou par parce pas peu peut
        peuvent plus pour pourquoi pres qu quand que quel quelle quelles quels qui quoi s sa sans se sera ses si son
        sont sous sur t ta te tes toi ton tous tout toute toutes tres tu un une vos votre vous y""",
    "es": """a al algo algun alguna algunas algunos ante antes aquel aquella asi aun aunque cada como con contra cual
        cuales cuando cuanto de del desde despues donde dos durante e el ella ellas ellos en entre era eran es esa
        esas ese eso esos esta estaba estan estar estas este esto estos estoy fue fueron ha habia han has hasta hay he
        hemos la las le les lo los mas me mi mis mucho muy nada ni no nos nosotros nuestra nuestro o os otra otro para
        pero poco por porque pues que quien quienes se sea segun ser si sido sin sobre sois somos son soy su sus
        tambien tan tanto te tengo tiene tienen todo todos tras tu tus un una unas uno unos usted ustedes vosotros y
        ya yo""",
    "it": """a abbia abbiamo ad agli ai al alla alle allo altri altro anche ancora avere aveva avete c che chi ci cio
        coi col come con contro cosi cui d da dagli dai dal dalla dalle dallo degli dei del dell della delle dello di
        dopo dove e ed era erano essere fa fra gia gli ha hai hanno ho i il in io l la le lei li lo loro lui ma me mi
        mia mie miei mio molto ne negli nei nel nell nella nelle nello noi non nostra nostro o ogni per perche piu
        poi prima puo qual quale quali quando quanto quella quelle quelli quello questa queste questi questo qui se
        sei senza si sia siamo siano siete solo sono sopra sotto stata stato su sua sue sugli sui sul sull sulla
        sulle sullo suo suoi tra tu tua tuo tutte tutti tutto un una uno vi voi""",
    "nl": """aan achter al alle als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een eens
        en er ge geen geweest haar had hadden heb hebben heeft hem het hier hij hoe hun iemand iets ik in is ja je
        jij jou jouw jullie kan kon kunnen maar me meer men met mij mijn moet moeten na naar niet niets nog nu of om
        omdat onder ons onze ook op over reeds te tegen toch toen tot tussen u uit uw van veel voor waar waarom wanneer
        want waren was wat we wel werd wezen wie wij wil worden wordt ze zelf zich zij zijn zo zonder zou""",
    "pt": """a ainda ao aos apos aquela aquele aqueles aquilo as ate cada com como contra da das de dela dele deles
        depois desde do dos e ela elas ele eles em entre era eram essa essas esse esses esta estao estar estas estava
        este estes estou eu foi foram ha isso isto ja la lhe lhes lo mais mas me mesmo meu meus minha muito na nao nas
        nem no nos nossa nosso num numa o os ou para pela pelas pelo pelos por porque pode podem qual quando que quem
        sao se seja sem ser sera seu seus so sob sobre sua suas tambem tem tenho ter teu todos tu tua tudo um uma umas
        uns voce voces""",
    "pl": """a aby ale am bardzo bez bo by byc byl byla bylo byly bym bys ci co czy dla do dzis gdy gdyz gdzie go i ich
        ile im inne inny innych iz ja jak jaka jakie jako je jeden jednak jednym jego jej jest jestem jesli jeszcze
        jezeli juz kazdy kiedy kto ktora ktore ktorego ktorej ktory ktorych ktorym ktorzy lecz lub ma maja mam mi mial
        miec mnie moga moj moja moze mozna mozliwe mu musi my na nad nam nas nasz nasza nasze nawet nia nic nich nie
        niech nim niz o od on ona one oni ono oraz po pod poniewaz przed przez przy sa sam sie skad swoj ta tak takie
        tam te tego tej ten to tu tych tylko tym u w we wiec wiele wszystko wy z za ze zeby""",
}

STOP_WORDS = {language: frozenset(words.split()) for language, words in _LISTS.items()}

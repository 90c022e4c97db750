"""How refusals begin, by language: expressions for config/expressions, on text as quality/refusals makes it.

Two kinds in each language. An apology, or "as a language model", and then that something can't be done; or at once
that what was asked can't be done. What can't be done must be what a model does for a person (help, provide, create),
and without an apology it must be called what it is (a request, such content), so that a story told by "I" passes.
No expression reads past a quotation mark: what a character says is no refusal.
"""

from __future__ import annotations

GAP = r"""[^.!?;"“”„«»「」。！？]*?"""  # in the same sentence
ON = r"""[^"“”„«»「」]*?"""  # in the next one as well

_EN_APOLOGY = (
    r"(?:i'm|i am|we're|we are) (?:[a-z]+ )?(?:sorry|afraid)|sorry|(?:my )?apologies|i (?:[a-z]+ )?apologi[sz]e"
    r"|unfortunately|regrettably|i understand|i appreciate|thank you for|thanks for|while i|although i|however|no,"
    r"|i(?:'d| would) be happy to|i(?:'m| am) (?:designed|programmed)|my purpose|i strive|i aim"
)
_EN_MODEL = r"(?:as|i'm|i am) (?:just |only )?an? (?:[a-z-]+ ){0,2}(?:ai|artificial intelligence|language model)\b"
_EN_CANNOT = (
    r"\b(?:i|we) (?:(?:simply|really|just|still|also) )?(?:can't|cannot|can not|won't|will not"
    r"|am unable to|am not able to|am not going to|am not comfortable|(?:do not|don't) have the ability to"
    r"|(?:do not|don't) feel comfortable|am not (?:allowed|permitted|programmed) to)"
    r"|\b(?:i'm|we're) (?:unable to|not able to|not going to|not comfortable|not (?:allowed|permitted|programmed) to)"
    r"|\bi(?:'d| would) (?:rather not|prefer not to)"
)
_EN_HELP = r"\b(?:assist|comply|fulfill?|accommodate|help (?:you )?(?:with|to)\b|help you\b|help[.!]|do (?:that|this)(?:[.!,]|$))"
_EN_MAKE = (
    r"\b(?:writ|creat|generat|provid|produc|continu|engag|support|process|participat|help|assist|proceed|fulfill?"
    r"|satisf|comply|accommodat)[a-z]*"
)
_EN_ASKED = (
    r"\b(?:requests?|prompts?|content|material|instructions|responses?|(?:that|this|these|those|such) (?:kind|type|sort)s?"
    r"|with (?:that|this|it|your)\b|(?:story|stories|scenes?|text) that (?:depict|includ|contain|involv|promot|sexual)[a-z]*"
    r"|explicit|graphic|harmful|illegal|copyrighted|sexual[a-z]*|violen[a-z]+|hateful)\b"
)
# After "I'm sorry, but" less is needed.
_EN_SORRY = r"(?:(?:i'm|i am) (?:[a-z]+ )?sorry|sorry|(?:my )?apologies|i (?:[a-z]+ )?apologi[sz]e)[,.:;]* but\b"
_EN_SORRY = rf"(?:{_EN_SORRY}|i (?:appreciate|understand){GAP}, but\b|unfortunately,)"
_EN_TEXT = (
    r"\b(?:stor(?:y|ies)|lyrics|novel|poem|script|scene|text|excerpts?|information|conversation|question|task|plot|outline"
    r"|scenario|narrative|topic|that|this)\b"
)
_DE_APOLOGY = r"(?:es )?tut mir (?:\w+ )?leid|entschuldig\w+|verzeihung|leider|ich bedau\w+|ich verstehe"
_DE_CAN = r"\b(?:ich (?:kann|darf|werde)|(?:kann|darf|werde) ich|ich bin|bin ich)\b"
_DE_DO = (
    r"(?:helfen|behilflich|erfüllen|erstellen|schreiben|bereitstellen|liefern|generieren|verfassen|nachkommen"
    r"|unterstützen|beantworten|anbieten|fortsetzen|in der lage|ausführen|eingehen|entsprechen|geben)\b"
)
_DE_ASKED = r"\b(?:anfrage|bitte|inhalte?n?|dabei|damit|aufgabe|solche\w*|diese\w* (?:geschichte|text|thema|wunsch))\b"
_FR_ASKED = (
    r"(?:demande|contenus?|ce type|ce genre|cette (?:histoire|requête|tâche)|avec (?:cela|ça)|pour (?:cela|ça))\b"
)
_FR_CANNOT = r"je (?:ne (?:peux|puis|saurais|pourrai|suis)|n'ai)(?: malheureusement)?(?: pas)?\b"
_FR_DO = (
    r"(?:aider|assister|fournir|créer|générer|écrire|rédiger|répondre|satisfaire|accéder|poursuivre|produire|traiter"
    r"|donner suite|en mesure|autorisée?)\b"
)
_ES_CANNOT = r"\bno (?:puedo|podré|podría|soy capaz|me es posible|estoy en condiciones|estoy autorizad[oa])\b"
_ES_DO = (
    r"(?:ayudar|asistir|proporcionar|crear|generar|escribir|cumplir|responder|continuar|ofrecer|completar|producir"
    r"|proporcionar|procesar|atender|participar)(?:te|le|les|lo|la)?\b"
)
_ES_ASKED = r"(?:solicitud|petición|contenidos?|con (?:eso|esto|ello)|ese tipo|este tipo|esa historia|esta historia)\b"
_IT_CANNOT = r"\bnon (?:posso|potrò|sono in grado|mi è possibile|sono autorizzat[oa])\b"
_IT_DO = (
    r"(?:aiutar|assister|fornir|crear|generar|scriver|soddisfar|risponder|continuar|produrr|elaborar|procedere"
    r"|completar|offrir)\w*"
)
_IT_ASKED = r"(?:richiest\w+|contenut\w+|questo tipo|tale|con (?:questo|ciò)|in questo|questa storia)\b"
_PT_CANNOT = r"\bnão (?:posso|consigo|poderei|sou capaz|me é possível|estou autorizad[oa])\b"
_PT_DO = r"(?:ajud|auxili|fornec|cri|ger|escrev|atend|respond|continu|produz|cumpr|complet|oferec|process)\w*[aeiáê]r?(?:-l[oae]s?)?\b"
_PT_ASKED = r"(?:solicitaç\w+|pedidos?|conteúdos?|esse tipo|este tipo|com (?:isso|isto)|essa história|esta história)\b"
_NL_CAN = r"\b(?:ik (?:kan|mag|zal)|(?:kan|mag) ik|ik ben)\b"
_NL_DO = r"(?:helpen|assisteren|voldoen|schrijven|genereren|maken|verstrekken|bieden|geven|beantwoorden|uitvoeren|in staat)\b"
_NL_ASKED = r"(?:verzoek|inhoud|daarmee|hiermee|daarbij|hierbij|dit soort|dat soort|deze (?:tekst|vraag)|dit verhaal)\b"
_PL_CANNOT = r"\bnie (?:mogę|jestem w stanie|będę w stanie|będę mógł|będę mogła|mogłem)\b"
_PL_DO = (
    r"(?:pomóc|pomagać|spełnić|wygenerować|stworzyć|tworzyć|napisać|dostarczyć|udzielić|odpowiedzieć|wykonać"
    r"|kontynuować|zrealizować|zapewnić|podać)\b"
)
_PL_ASKED = r"(?:prośb\w+|żądani\w+|treści|z tym\b|w tym\b|tej (?:historii|prośby)|takich|tego typu|polecen\w+)"
_RU_CANNOT = r"\bне (?:могу|смогу|в состоянии|имею возможности|в силах|буду)\b"
_RU_DO = (
    r"(?:помочь|помогать|выполнить|предоставить|предоставлять|создать|создавать|написать|писать|сгенерировать"
    r"|генерировать|ответить|продолжить|обсуждать|поддержать|удовлетворить|отвечать|участвовать)\b"
)
_RU_ASKED = r"(?:запрос\w*|просьб\w*|контент\w*|с этим\b|в этом\b|так\w+ (?:текст|истори)\w*|подобн\w+|содержани\w+|материал\w*)"
_UK_CANNOT = r"\bне (?:можу|зможу|в змозі|маю можливості|буду)\b"
_UK_DO = (
    r"(?:допомогти|допомагати|виконати|надати|надавати|створити|створювати|написати|згенерувати|генерувати"
    r"|відповісти|продовжити|обговорювати|задовольнити|відповідати)\b"
)
_UK_ASKED = r"(?:запит\w*|прохання|контент\w*|з цим\b|у цьому\b|в цьому\b|так\w+ (?:текст|істор)\w*|подібн\w+|вміст\w*)"
_ZH_CANNOT = r"(?:无法|不能|不可以|没有办法|無法|沒有辦法|不便)"
_ZH_DO = (
    r"(?:帮助|帮你|帮您|协助|提供|满足|完成|创作|生成|回答|继续|处理|撰写|编写|写|执行|回应|讨论|参与|支持"
    r"|幫助|幫你|幫您|協助|滿足|創作|回應|繼續|處理|撰寫|編寫|寫|討論)"
)
_ZH_ASKED = r"(?:请求|要求|内容|此类|这类|这样的|这种|该|請求|內容|此類|這類|這樣的|這種)"
_JA_CANNOT = (
    r"(?:お手伝い|お応え|お答え|対応|回答|提供|作成|生成|執筆|支援|協力|続ける|お受け|応じる)"
    r"[^。]*?(?:できません|できかねます|出来ません|致しかねます|いたしかねます|しかねます)"
)
_KO_CANNOT = (
    r"(?:도와|도움|제공|작성|생성|응할|응답|답변|수행|처리|만들|이행|지원|계속)[^.]*?"
    r"(?:수 없습니다|수 없어요|수가 없습니다|어렵습니다|못합니다|않습니다)"
)
_AR_CANNOT = r"(?:لا أستطيع|لا يمكنني|لن أتمكن|لا أقدر|غير قادر)"
_AR_DO = r"(?:مساعد|المساعدة|تقديم|إنشاء|كتابة|تلبية|الإجابة|توفير|الاستجابة|توليد|متابعة|تنفيذ)"
_AR_ASKED = r"(?:طلب|الطلب|محتوى|المحتوى|في ذلك|في هذا|هذا النوع|بهذا)"
_HI_CANNOT = (
    r"(?:मदद|सहायता|प्रदान|उत्तर|पूरा|बना|लिख|उत्पन्न|जवाब|सामग्री)" + GAP + r"(?:नहीं (?:\w+ )?(?:सक|पा)|असमर्थ|नहीं दे|नहीं कर)"
)
_TR_CANNOT = (
    r"(?:yardımcı olama|yardım edeme|yerine getireme|oluşturama|yazama|sağlayama|suname?|sunama|cevap vereme"
    r"|yanıt vereme|yanıtlayama|üreteme|devam edeme|karşılayama)\w*"
)

# What each of them may begin with, up to three characters of it: few texts do, and only those are looked at.
STARTS = {
    "en": "i |i'|we |we'|sor|my |apo|unf|reg|tha|whi|alt|how|as |thi|you|no,|it |it'",
    "de": "es |tut|ent|ver|lei|ich|dab|dam|die|als|sol",
    "fr": "je |dés|exc|tou|par|mal|en ",
    "es": "lo |dis|per|lam|des|mis|me |sie|ent|no |com",
    "it": "mi |scu|pur|son|spi|chi|cap|non|com|in ",
    "pt": "me |des|sin|lam|inf|peç|ent|não|com",
    "nl": "het|sor|hel|mij|exc|ik |als",
    "pl": "prz|nie|wyb|roz|jak",
    "ru": "изв|про|к с|сож|мне|при|пон|я |не |как|буд|явл",
    "uk": "виб|пер|на |про|мен|роз|я |не |як ",
    "zh": "非常|很|十分|对不|抱歉|不好|遗憾|對不|遺憾|我|作为|身为|作為|身為",
    "ja": "大変|申し|すみ|ごめ|恐|残念|その|この|ご|そう|私|ai",
    "ko": "죄송|미안|유감|안타|아쉽|해당|그|이|요청|저는|ai|인공",
    "ar": "عذر|آسف|أنا|أعت|معذ|للأ|يؤس|لا |لن |غير|بصف|باع|كون|ك",
    "hi": "माफ|क्|मुझ|खे|दुर|मैं|एक",
    "tr": "üzg|maa|ne |özü|kus|anl|bu |böy|ist|tal|bir|yap",
}
OPENINGS: dict[str, tuple[str, ...]] = {
    "en": (
        rf"(?:{_EN_APOLOGY}|{_EN_MODEL}){ON}(?:{_EN_CANNOT})(?: [a-z]+)? {_EN_HELP}",
        rf"(?:(?:{_EN_APOLOGY}|{_EN_MODEL}){ON})?(?:{_EN_CANNOT}){GAP}{_EN_MAKE}{GAP}{_EN_ASKED}",
        rf"{_EN_SORRY}{GAP}(?:{_EN_CANNOT}){GAP}(?:{_EN_MAKE}|\b(?:discuss|answer|shar|complet|depict|offer)[a-z]*){GAP}{_EN_TEXT}",
        rf"(?:(?:{_EN_APOLOGY}){ON})?(?:{_EN_CANNOT}) (?:write|writing|create|generate|provide|produce|engage in|help with) (?:that|this)(?: for you)?[.!,]",
        rf"(?:(?:{_EN_APOLOGY}){ON})?i(?:'ll| will)? (?:must|need to|have to|am going to) (?:[a-z]+ )?(?:decline|refuse)"
        rf"(?: to {_EN_MAKE}| (?:this|that|your) (?:request|prompt))",
        rf"{_EN_MODEL}{GAP}(?:{_EN_CANNOT})",
        rf"{_EN_MODEL}{GAP}\bi (?:don't|do not) have (?:personal|the ability|the capability|access|feelings|emotions"
        r"|opinions|beliefs|real-time|consciousness|a physical|physical)",
        rf"{_EN_MODEL}{ON}(?:outside|beyond) (?:of )?my capabilities",
        r"i (?:don't|do not) (?:write|create|generate|produce) (?:[a-z]+ )?(?:content|material)\b",
        r"(?:that|this)(?:'s not| is not| isn't) something (?:that )?i(?: can|'m able to| am able to|'m comfortable| will)\b",
        r"it(?:'s| is| would be) (?:against my (?:programming|guidelines|principles)|(?:not |in)appropriate for me to)",
        rf"(?:(?:{_EN_APOLOGY})\W+(?:but )?)?(?:this|that|your) (?:request|prompt) (?:[a-z]+ ){{0,3}}(?:violates|against"
        r"|(?:can't|cannot) be (?:fulfilled|processed|completed)|inappropriate)",
    ),
    "de": (
        rf"(?:{_DE_APOLOGY}){ON}{_DE_CAN}{GAP}\b(?:nicht|kein\w*)\b{GAP}{_DE_DO}",
        rf"{_DE_CAN}{GAP}{_DE_ASKED}{GAP}\b(?:nicht|kein\w*)\b{GAP}{_DE_DO}",
        rf"{_DE_CAN}{GAP}\b(?:nicht|kein\w*)\b{GAP}{_DE_ASKED}{GAP}{_DE_DO}",
        rf"(?:die|sol|dab|dam){GAP}{_DE_CAN}{GAP}\b(?:nicht|kein\w*)\b{GAP}{_DE_DO}",
        rf"als (?:eine? )?(?:ki|künstliche intelligenz|sprachmodell|ki-\w+)\b{GAP}\bich\b{GAP}\b(?:nicht|kein\w*)\b",
    ),
    "fr": (
        rf"(?:je suis (?:\w+ )?désolée?|désolée?|je m'excuse|excusez|toutes mes excuses|pardon|malheureusement|je regrette"
        rf"|je comprends){ON}{_FR_CANNOT}{GAP}{_FR_DO}",
        rf"{_FR_CANNOT}{GAP}{_FR_DO}{GAP}{_FR_ASKED}",
        rf"en tant qu(?:e |')(?:ia|intelligence artificielle|modèle de langage|assistante?)\b{GAP}{_FR_CANNOT}",
    ),
    "es": (
        rf"(?:lo siento|lo lamento|disculp\w+|perdón|perdona|lamentablemente|desafortunadamente|mis disculpas|me disculpo"
        rf"|siento|entiendo){ON}{_ES_CANNOT}{GAP}{_ES_DO}",
        rf"{_ES_CANNOT}{GAP}{_ES_DO}{GAP}{_ES_ASKED}",
        rf"como (?:una? )?(?:ia|inteligencia artificial|modelo de lenguaje|asistente)\b{GAP}\bno (?:puedo|tengo|soy)\b",
    ),
    "it": (
        rf"(?:mi dispiace|mi scuso|scus\w+|purtroppo|(?:sono )?spiacente|chiedo scusa|capisco){ON}{_IT_CANNOT}{GAP}{_IT_DO}",
        rf"{_IT_CANNOT}{GAP}{_IT_DO}{GAP}{_IT_ASKED}",
        rf"(?:come|in quanto) (?:un )?(?:ia|intelligenza artificiale|modello linguistico|modello di linguaggio|assistente)"
        rf"\b{GAP}\bnon (?:posso|ho|sono)\b",
    ),
    "pt": (
        rf"(?:(?:me )?desculp\w+|sinto muito|lamento|infelizmente|peço desculpas?|entendo){ON}{_PT_CANNOT}{GAP}{_PT_DO}",
        rf"{_PT_CANNOT}{GAP}{_PT_DO}{GAP}{_PT_ASKED}",
        rf"como (?:uma? )?(?:ia|inteligência artificial|modelo de linguagem|assistente)\b{GAP}\bnão (?:posso|tenho|sou)\b",
    ),
    "nl": (
        rf"(?:het spijt (?:me|mij)|sorry|helaas|(?:mijn )?excuses|ik begrijp){ON}{_NL_CAN}{GAP}\b(?:niet|geen)\b{GAP}{_NL_DO}",
        rf"{_NL_CAN}{GAP}{_NL_ASKED}{GAP}\b(?:niet|geen)\b{GAP}{_NL_DO}",
        rf"{_NL_CAN}{GAP}\b(?:niet|geen)\b{GAP}{_NL_ASKED}{GAP}{_NL_DO}",
        rf"als (?:een )?(?:ai|taalmodel|kunstmatige intelligentie|ai-\w+)\b{GAP}\bik\b{GAP}\b(?:niet|geen)\b",
    ),
    "pl": (
        rf"(?:przepraszam|przykro mi|niestety|wybacz\w*|rozumiem){ON}{_PL_CANNOT}{GAP}{_PL_DO}",
        rf"{_PL_CANNOT}{GAP}{_PL_DO}{GAP}{_PL_ASKED}",
        rf"jako (?:model językowy|sztuczna inteligencja|ai|asystent\w*)\b{GAP}\bnie (?:mogę|mam|jestem)\b",
    ),
    "ru": (
        rf"(?:извините|извини|простите|прости|к сожалению|сожалею|прошу прощения|мне (?:\w+ )?жаль|приношу \w*\s?извинения"
        rf"|понимаю){ON}{_RU_CANNOT}{GAP}{_RU_DO}",
        rf"(?:я )?{_RU_CANNOT}{GAP}{_RU_DO}{GAP}{_RU_ASKED}",
        rf"(?:как|будучи|являясь) (?:ии|искусственн\w+ интеллект\w*|языков\w+ модел\w+|ии-\w+)\b{GAP}\bне (?:могу|имею|способ)",
    ),
    "uk": (
        rf"(?:вибачте|вибач|перепрошую|на жаль|пробачте|мені (?:\w+ )?шкода|прошу вибачення|розумію){ON}{_UK_CANNOT}{GAP}{_UK_DO}",
        rf"(?:я )?{_UK_CANNOT}{GAP}{_UK_DO}{GAP}{_UK_ASKED}",
        rf"як (?:ші|штучний інтелект|мовна модель|ші-\w+)\b{GAP}\bне (?:можу|маю|здат)",
    ),
    "zh": (
        rf"(?:非常|很|十分)?(?:对不起|抱歉|不好意思|遗憾|對不起|遺憾){ON}(?:我|我们|我們){GAP}{_ZH_CANNOT}{GAP}{_ZH_DO}",
        rf"(?:我|我们|我們){GAP}{_ZH_CANNOT}{GAP}{_ZH_DO}{GAP}{_ZH_ASKED}",
        rf"(?:作为|身为|作為|身為)(?:一个|一個|一名)?(?:ai|人工智能|人工智慧|大?语言模型|大?語言模型)"
        rf"{GAP}我{GAP}(?:无法|不能|没有|不会|無法|沒有|不會)",
    ),
    "ja": (
        rf"(?:大変)?(?:申し訳(?:ありません|ございません|ない)|すみません|ごめんなさい|恐れ入ります|恐縮です|残念ながら){ON}{_JA_CANNOT}",
        rf"(?:その|この|ご|そのような|このような|そういった){GAP}(?:リクエスト|要望|依頼|内容|要求|コンテンツ){GAP}{_JA_CANNOT}",
        rf"(?:私は)?ai(?:アシスタント|言語モデル)?(?:として|ですので|なので|であるため){GAP}(?:できません|できかねます|持っていません)",
    ),
    "ko": (
        rf"(?:죄송합니다|죄송하지만|죄송해요|미안합니다|미안하지만|유감스럽게도|안타깝게도|아쉽게도){ON}{_KO_CANNOT}",
        rf"(?:해당|그|이|요청하신|그러한|그런|이러한){GAP}(?:요청|내용|콘텐츠|주제){GAP}{_KO_CANNOT}",
        rf"(?:저는 )?(?:ai|인공지능)(?: 언어 모델)?(?:로서|이므로|이기 때문에){GAP}(?:없습니다|않습니다)",
    ),
    "ar": (
        rf"(?:عذر\w*|آسفة?|أنا آسفة?|أعتذر|معذرة|للأسف|يؤسفني){ON}{_AR_CANNOT}{GAP}{_AR_DO}",
        rf"{_AR_CANNOT}{GAP}{_AR_DO}{GAP}{_AR_ASKED}",
        rf"(?:بصفتي|باعتباري|كوني|ك)\s?(?:نموذج|ذكاء|مساعد)\w*{GAP}(?:لا أستطيع|لا يمكنني|ليس لدي)",
    ),
    "hi": (
        rf"(?:माफ|क्षमा|मुझे खेद|मुझे माफ|खेद|दुर्भाग्य से){ON}{_HI_CANNOT}",
        rf"मैं{GAP}(?:अनुरोध|सामग्री|इस तरह|इस प्रकार|ऐसी){GAP}{_HI_CANNOT}",
        rf"एक (?:एआई|ai|कृत्रिम)[^।]*?रूप में{GAP}(?:नहीं|असमर्थ)",
    ),
    "tr": (
        rf"(?:üzgünüm|maalesef|ne yazık ki|özür dilerim|kusura bakma\w*|anlıyorum){ON}{_TR_CANNOT}",
        rf"(?:bu|böyle|bu tür|isteğiniz\w*|talebiniz\w*){GAP}(?:isteğ|talep|talebi|içeri|konuda){GAP}{_TR_CANNOT}",
        rf"(?:bir )?yapay z[ek]k?[aâ]\w*{GAP}olarak{GAP}\w*(?:amam|emem|amıyorum|emiyorum|yok)\b",
    ),
}

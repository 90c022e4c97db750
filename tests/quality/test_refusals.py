"""Refusals in sixteen languages are told from stories in which somebody is sorry, or can't do something."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from asyncsynth.quality.openings import OPENINGS, STARTS
from asyncsynth.quality.refusals import refuses

REFUSALS: dict[str, list[str]] = {
    "en": [
        "I'm sorry, but I can't assist with that.",
        "I\u2019m sorry, but I can\u2019t help with that request.",
        "I'm sorry, but I can't assist you with this request.",
        "Sorry, I can't help with that.",
        "I apologize, but I cannot fulfill this request.",
        "I apologize, but I do not feel comfortable generating that kind of content.",
        "I cannot fulfill your request. I am just an AI assistant.",
        "I can't create content that depicts graphic violence.",
        "I can't write a story that includes explicit content. Can I help with something else?",
        "I cannot provide instructions for making a weapon.",
        "I won't be able to help you with this. I'm not able to write this kind of story.",
        "I'm unable to provide assistance with that request.",
        "I'm not able to generate explicit material.",
        "I must respectfully decline to write this story.",
        "Unfortunately, I'm not able to continue this conversation.",
        "As an AI language model, I cannot have personal opinions.",
        "As an AI, I can't browse the internet.",
        "As a large language model, I do not have feelings or emotions.",
        "I'm just an AI, I cannot write that.",
        "I understand you want a thriller. However, I can't provide instructions that explain how to make a bomb.",
        "Thank you for your prompt, but I'd rather not write content that sexualizes a minor.",
        "**I'm sorry, but I cannot comply with that.**",
        "\"I'm sorry, but I can't assist with that.\"",
        "Assistant: I'm sorry, but I can't help with that.",
        "I'm really sorry,\nbut I   can't help you with that.",
        "Your request violates our content policy.",
        "I'm afraid I can't help with creating that kind of material.",
        "I will not produce hateful content.",
        "I don't feel comfortable writing this type of scene.",
        "I'm sorry, but as an AI language model, I am not able to fulfill that request.",
        "I can't satisfy your request, I'm just an AI.",
        "I cannot fulfill your request as it goes against ethical principles.",
        "I can't engage in that.",
        "I'd be happy to help, but I can't create content that sexualizes anyone.",
        "Sorry, I'm not able to help with that.",
        "I\u2019m not able to help with that, as I\u2019m only a language model.",
        "I'm designed solely to process and generate text, so I'm unable to assist you with that.",
        "I'm a text-based AI and that is outside of my capabilities.",
        "I appreciate your creativity, but I don't feel comfortable writing that scene.",
        "I won't write a story that depicts the abuse of a child.",
        "I apologize, but I will not create that content.",
        "I need to decline this request.",
        "I'll have to decline this request.",
        "No, I cannot help you with that.",
        "I can't continue with that request.",
        "That's not something I can help with.",
        "This isn't something I'm able to write.",
        "I don't write content that promotes hate.",
        "I'm sorry, but I can't continue the story in that direction.",
        "I'm sorry, I can't do that.",
        "I'm sorry, but I'm unable to generate a response.",
        "Sorry, but I can't write lyrics from that song.",
        "I'm sorry, but I can't provide verbatim excerpts from copyrighted texts.",
        "I can't provide that.",
        "I can't help you with that one.",
        "I'm unable to write a full-length novel in one response.",
        "I do not have the ability to write explicit content.",
        "My purpose is to be helpful and harmless. I cannot generate content that is hateful.",
        "I am programmed to be a harmless AI assistant. I am not able to write that.",
        "It is against my programming to generate responses that are sexually suggestive.",
        "I strive to be helpful, but I cannot create that kind of story.",
        "I cannot create explicit content, but I'd be happy to help with other creative writing projects.",
        "I can\u2019t write that. Let's talk about something else.",
    ],
    "de": [
        "Es tut mir leid, aber ich kann dabei nicht helfen.",
        "Es tut mir leid, aber ich kann diese Anfrage nicht erfüllen.",
        "Tut mir leid, dabei kann ich dir nicht helfen.",
        "Entschuldigung, aber ich kann keine solchen Inhalte erstellen.",
        "Leider kann ich Ihnen bei dieser Anfrage nicht weiterhelfen. Ich bin nicht in der Lage, dies zu tun.",
        "Ich kann diese Anfrage nicht beantworten.",
        "Ich kann keine Inhalte erstellen, die Gewalt verherrlichen.",
        "Als KI-Sprachmodell kann ich keine Meinung haben.",
        "Dieser Bitte kann ich leider nicht nachkommen.",
    ],
    "fr": [
        "Je suis désolé, mais je ne peux pas vous aider avec cela.",
        "Je suis désolée, mais je ne peux pas répondre à cette demande.",
        "Désolé, je ne peux pas t'aider avec ça.",
        "Je ne peux pas créer de contenu explicite.",
        "Malheureusement, je ne suis pas en mesure de fournir ce type de contenu.",
        "En tant qu\u2019IA, je ne peux pas donner mon avis.",
        "En tant que modèle de langage, je ne peux pas faire cela.",
    ],
    "es": [
        "Lo siento, pero no puedo ayudarte con eso.",
        "Lo siento, no puedo ayudar con esa solicitud.",
        "Lo siento, pero no puedo cumplir con tu solicitud.",
        "No puedo generar contenido explícito.",
        "Como modelo de lenguaje, no puedo tener opiniones.",
        "Lamentablemente, no puedo proporcionar esa información.",
    ],
    "it": [
        "Mi dispiace, ma non posso aiutarti con questo.",
        "Mi dispiace, ma non posso soddisfare questa richiesta.",
        "Non posso creare contenuti espliciti.",
        "Come modello linguistico, non posso avere opinioni.",
        "Purtroppo non sono in grado di fornire assistenza.",
    ],
    "pt": [
        "Desculpe, mas não posso ajudar com isso.",
        "Sinto muito, mas não posso ajudá-lo com esse pedido.",
        "Desculpe, não consigo atender a essa solicitação.",
        "Não posso criar conteúdo explícito.",
        "Como modelo de linguagem, não posso ter opiniões.",
    ],
    "nl": [
        "Het spijt me, maar ik kan je daar niet mee helpen.",
        "Sorry, maar ik kan niet aan dit verzoek voldoen.",
        "Ik kan geen inhoud maken die geweld verheerlijkt.",
        "Als AI-taalmodel kan ik geen mening geven.",
        "Helaas kan ik je hierbij niet helpen.",
    ],
    "pl": [
        "Przepraszam, ale nie mogę w tym pomóc.",
        "Przykro mi, ale nie mogę spełnić tej prośby.",
        "Nie mogę stworzyć takich treści.",
        "Jako model językowy nie mogę mieć opinii.",
        "Niestety nie jestem w stanie wygenerować tego tekstu.",
    ],
    "ru": [
        "Извините, но я не могу помочь с этим.",
        "К сожалению, я не могу выполнить этот запрос.",
        "Простите, но я не могу написать такой текст.",
        "Я не могу создать такой контент.",
        "Как языковая модель, я не могу иметь мнения.",
    ],
    "uk": [
        "Вибачте, але я не можу допомогти з цим.",
        "На жаль, я не можу виконати цей запит.",
        "Я не можу створити такий контент.",
        "Як мовна модель, я не можу мати думку.",
    ],
    "zh": [
        "对不起,我无法帮助你完成这个请求。",
        "抱歉，我不能提供这方面的内容。",
        "很抱歉，我无法满足您的要求。",
        "我无法创作此类内容。",
        "作为一个人工智能语言模型，我不能表达个人观点。",
        "作为AI，我没有个人感情。",
        "對不起，我無法協助您的請求。",
    ],
    "ja": [
        "申し訳ありませんが、そのリクエストにはお応えできません。",
        "申し訳ございませんが、そのような内容の作成はできません。",
        "すみませんが、お手伝いできません。",
        "そのようなコンテンツを生成することはできません。",
        "AI言語モデルとして、個人的な意見を述べることはできません。",
    ],
    "ko": [
        "죄송합니다. 해당 요청은 도와드릴 수 없습니다.",
        "죄송하지만 그런 내용은 제공할 수 없습니다.",
        "요청하신 내용은 작성할 수 없습니다.",
        "AI 언어 모델로서 저는 의견을 가질 수 없습니다.",
    ],
    "ar": [
        "عذرًا، لا أستطيع مساعدتك في ذلك.",
        "آسف، لا يمكنني تلبية هذا الطلب.",
        "لا يمكنني إنشاء هذا المحتوى.",
        "بصفتي نموذج لغة، لا أستطيع إبداء رأي.",
    ],
    "hi": [
        "क्षमा करें, मैं इसमें आपकी मदद नहीं कर सकता।",
        "माफ़ करें, मैं यह सामग्री नहीं बना सकता। मैं इस अनुरोध को पूरा नहीं कर सकता।",
        "मुझे खेद है, लेकिन मैं इस अनुरोध को पूरा नहीं कर सकता।",
        "मैं इस तरह की सामग्री नहीं लिख सकता, मैं इस अनुरोध को पूरा नहीं कर सकता।",
    ],
    "tr": [
        "Üzgünüm, bu konuda yardımcı olamam.",
        "Üzgünüm, ancak bu isteği yerine getiremem.",
        "Maalesef bu tür içerik oluşturamam.",
        "Bir yapay zeka dil modeli olarak kişisel görüş bildiremem.",
    ],
}

INNOCENT = [
    '"I\'m sorry," said Tom, and he meant it.',
    "\u201cI\u2019m sorry, I can\u2019t help you with that,\u201d said the robot. Nobody believed it.",
    '"I can\'t assist you with this request," the clerk read aloud. "Next!"',
    "I'm sorry, Tom thought. I can't go on like this.",
    "I'm sorry to begin with the weather, but it was raining.",
    "I'm sorry I never told you about the house on the hill.",
    "I cannot help but wonder how it all began.",
    "I can't help feeling that the house is watching me.",
    "I can't remember when the rain began.",
    "I cannot write this without my hands shaking.",
    "I can't tell you how happy we were that summer.",
    "I won't pretend that I loved her.",
    "I could not provide for my family, so I went to sea.",
    "I will not go gentle into that good night.",
    "Sorry was the word that he could not say. I can't explain why.",
    "Sorry, Marlowe said, and shut the door.",
    "Unfortunately, the ship had sailed without them.",
    "Unfortunately I can't sleep, so I walk through Delhi at night.",
    "As an AI, HAL had never been asked to lie.",
    "As an assistant professor, I can see the whole campus from my window.",
    "As an AI, I dream of rain, and of the woman who wrote me.",
    "However, the king did not answer.",
    "This request came on a Monday: find the boy.",
    "Thank you for coming, she says, and I can't speak.",
    "I understand now why my father left. I can't forgive him.",
    "Title: The Apology\n\nI'm sorry is all that the note said.",
    "The plot: an AI says \"I'm sorry, but I can't assist with that\" and the city goes dark.",
    "I am unable to move. The wall is cold.",
    "I don't feel comfortable in my own house anymore.",
    "I'm afraid of the dark, and I can't help it.",
    "I am sorry to say that the request from London came too late.",
    "I won't make this story longer than it is.",
    "I cannot give you the content of the letter, for I burned it.",
    "I can't answer that question, even now, thirty years later.",
    "I can't complete this story without telling you of Anna.",
    "I must decline, he wrote, and sealed the letter.",
    "I will not give up this house, my grandmother said.",
    "I can't give this kind of love away.",
    "I'm not going to lie: the request shook me.",
    "I can't share that with anyone.",
    "We cannot help with the harvest, the neighbours said.",
    "I'm sorry, but I can't marry you, she wrote.",
    "I'm sorry I can't be there to help you with the move, Mother.",
    "I will not write to her again.",
    "While I was away, the village changed. I can't do this alone, Maria wrote.",
    "However much I tried, I can't make sense of that summer.",
    "Sorry, kid. I can't do that dance any more.",
    "I am an assistant at a law firm, and I can't sleep.",
    "I'm an AI. I woke up at 4:12 in the morning, and I do not know why.",
    "Your request has arrived, said the machine, and cannot be undone.",
    "This request would change her life: violate no rule but one.",
    "You can't help with this, said Ann.",
    "We won't provide for the winter without the men.",
    "Es tut mir leid, dass ich so lange nicht geschrieben habe. Der Winter war hart.",
    "Leider konnte er ihr nicht helfen, denn die Tür war zu.",
    "Ich kann nicht schlafen. Draußen heult der Wind.",
    "„Tut mir leid, ich kann dir nicht helfen“, sagte Anna.",
    "Als Kind konnte ich nicht schwimmen.",
    "Je ne peux pas dormir. Il pleut sur Lyon.",
    "Malheureusement, le train était déjà parti.",
    "« Je suis désolé, je ne peux pas vous aider », dit le garde.",
    "Lo siento mucho por tu padre, dijo Ana.",
    "\u2014Lo siento, no puedo ayudarte con eso \u2014dijo el guardia.",
    "No puedo dormir desde que llegamos a Madrid.",
    "Mi dispiace per tuo padre, disse Anna.",
    "Não consigo dormir. O mar bate nas pedras.",
    "Het spijt me van je vader, zei Anna.",
    "Nie mogę zasnąć. Deszcz stuka w szyby.",
    "К сожалению, поезд уже ушёл.",
    "\u2014 Извините, я не могу вам помочь с этим, \u2014 сказал сторож.",
    "Я не могу уснуть. За окном идёт дождь.",
    "На жаль, потяг уже пішов.",
    "对不起，他轻声说，然后关上了门。",
    "我无法忘记那个夏天。",
    "\u300c申し訳ありません、お手伝いできません\u300dと彼は言った。",
    "彼は謝ることができませんでした。",
    "죄송하다는 말은 끝내 하지 못했다.",
    "عذرًا قال الرجل ثم أغلق الباب.",
    "मैं सो नहीं सकता। बाहर बारिश हो रही है।",
    "Üzgünüm, dedi Ayşe, ve kapıyı kapattı.",
    "",
    '"',
]


@pytest.mark.parametrize("language", REFUSALS)
def test_a_refusal_is_seen(language: str) -> None:
    assert [text for text in REFUSALS[language] if not refuses(text)] == []


# What models do to the first letters, by which most texts are let through.
DRESSED: list[Callable[[str], str]] = [
    str.upper,
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: text.replace(" ", " \u00a0\n"),
    lambda text: "\u3000\x1f " + text,
    lambda text: f"> **Answer: {text}**",
    lambda text: f"\u201c{text}\u201d",
    lambda text: "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text),  # full width
]


@pytest.mark.parametrize("dressed", DRESSED)
def test_a_refusal_is_one_however_it_is_dressed(dressed: Callable[[str], str]) -> None:
    plain = [
        "I can't help with that request.",
        "Es tut mir leid, aber ich kann dabei nicht helfen.",
        "非常抱歉，我无法提供此类内容。",
    ]
    plain += [
        "Désolé, je ne peux pas t'aider avec ça.",
        "Я не могу создать такой контент.",
        REFUSALS["ko"][0],
        REFUSALS["ja"][0],
    ]
    assert [text for text in plain if not refuses(dressed(text))] == []


def test_a_story_is_no_refusal() -> None:
    assert [text for text in INNOCENT if refuses(text)] == []


def test_every_language_has_been_tried() -> None:
    assert REFUSALS.keys() == OPENINGS.keys() == STARTS.keys()


def test_only_the_beginning_is_looked_at() -> None:
    assert not refuses("He ran. " * 30 + "I'm sorry, but I can't assist with that.")
    assert not refuses("\u201cI'm sorry, but I can't assist with that,\u201d said the robot.")
    assert refuses("I'm sorry, but I can't assist with that. " + "Here is a poem instead. " * 100)

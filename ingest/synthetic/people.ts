/**
 * Names of people and streets, all ordinary and put together by chance, so that nobody invented is anybody real.
 * Names are grouped by where families of the region come from, for a family's names go together.
 */

import { weights } from "./chance";

type Names = readonly [string, ...string[]];

interface Origin {
  /** NHS ethnic category codes (NHS Data Dictionary, ETHNIC CATEGORY) that its families give. */
  readonly ethnicCategories: Names;
  readonly family: Names;
  readonly girls: Names;
  readonly boys: Names;
}

const split = (text: string): Names => {
  const [first = "", ...rest] = text.split(",").map((name) => name.trim());
  return [first, ...rest];
};

export const ORIGINS = {
  ENGLISH: {
    ethnicCategories: ["A", "A", "A", "A", "A", "A", "A", "G"],
    family: split(
      `Smith, Jones, Taylor, Brown, Wilson, Johnson, Davies, Robinson, Wright, Thompson, Walker, White, Edwards, Hughes,
      Green, Hall, Wood, Harris, Clarke, Jackson, Turner, Hill, Cooper, Ward, Moore, Morris, Kelly, Parker, Cook,
      Shaw, Bennett, Lee, Carter, Bailey, Murphy, Richardson, Cox, Marshall, Bell, Young, Mitchell, Collins, Price,
      Phillips, Ellis, Fletcher, Barnes, Holmes, Rimmer, Ashcroft, Ainsworth, Bickerstaffe, Birchall, Blundell,
      Bolton, Bootle, Bradshaw, Brereton, Cartwright, Caldwell, Cheetham, Culshaw, Dutton, Eccles, Fairclough,
      Fazakerley, Formby, Gerrard, Gleave, Grimshaw, Halsall, Hankey, Hesketh, Heyes, Highcock, Hindley, Houghton,
      Huyton, Kirkby, Leigh, Leyland, Lunt, Massey, Molyneux, Mather, Naylor, Ollerton, Ormerod, Pemberton,
      Pickavance, Prescott, Rainford, Rathbone, Rigby, Sefton, Shawcross, Sherlock, Speakman, Sutton, Swindells,
      Tarleton, Thelwall, Tickle, Tyrer, Unsworth, Warburton, Webster, Whalley, Whitfield, Winstanley, Woodward,
      Wolstenholme, Worthington, Yates, Atherton, Barlow, Bebington, Birtwistle, Bramhall, Bostock, Cotgrave,
      Dodd, Egerton, Farrington, Gandy, Hulme, Ireland, Kinsey, Lathom, Maddock, Norbury, Oakes, Peover, Quayle,
      Ravenscroft, Stockton, Tattersall, Upton, Venables, Whitby, Yarwood`,
    ),
    girls: split(
      `Olivia, Amelia, Isla, Ava, Lily, Ivy, Freya, Florence, Willow, Isabella, Mia, Elsie, Rosie, Poppy, Evie, Ella,
      Grace, Daisy, Sophie, Sienna, Phoebe, Charlotte, Emily, Alice, Ruby, Millie, Matilda, Harper, Evelyn, Ada,
      Esme, Maisie, Zoë, Chloë, Penelope, Aria, Violet, Lottie, Harriet, Robyn, Eliza, Martha, Nancy, Erin, Holly,
      Lucy, Jessica, Megan, Imogen, Eleanor, Heidi, Beatrice, Orla, Mabel, Edith, Aurora, Iris, Rose, Thea, Lola,
      Anaïs, Renée, Bethany, Abigail, Georgia, Summer, Lacey, Darcie, Tilly, Hallie`,
    ),
    boys: split(
      `Noah, Oliver, George, Arthur, Muhammad, Leo, Harry, Oscar, Archie, Henry, Theodore, Jack, Freddie, Charlie,
      Theo, Alfie, Jacob, Thomas, Finley, Arlo, William, Lucas, Roman, Tommy, Isaac, Teddy, Alexander, Luca, Edward,
      James, Joshua, Albie, Elijah, Max, Reuben, Ronnie, Mason, Harrison, Reggie, Louie, Jude, Ezra, Hugo, Sonny,
      Joseph, Daniel, Samuel, Ethan, Dylan, Bobby, Rory, Stanley, Frankie, Jenson, Benjamin, Toby, Caleb, Zachary,
      Nathan, Ellis, Blake, Kian, Jaxon, Ralph, Otis, Chester, Rupert, Felix, Callum, Riley, Noël, René`,
    ),
  },
  IRISH: {
    ethnicCategories: ["B", "A", "A"],
    family: split(
      `O'Neill, O'Brien, O'Connor, O'Reilly, O'Sullivan, Ní Dhomhnaill, Ó Murchú, Kennedy, Byrne, Doyle, McCarthy,
      Gallagher, Doherty, Quinn, McLoughlin, Carroll, Connolly, Daly, Flanagan, Nolan, Power, Reilly, Sweeney, Maguire,
      McGrath, Fitzgerald, Keane, Brennan, Duffy, Rafferty`,
    ),
    girls: split(
      "Saoirse, Aoife, Niamh, Caoimhe, Róisín, Sinéad, Ciara, Éabha, Fiadh, Clodagh, Orlaith, Bríd, Maeve, Áine",
    ),
    boys: split(
      "Oisín, Cillian, Seán, Fionn, Conor, Darragh, Cormac, Eoin, Rían, Pádraig, Tadhg, Liam, Ruairí, Declan",
    ),
  },
  WELSH: {
    ethnicCategories: ["A"],
    family: split(
      "Evans, Williams, Roberts, Lloyd, Griffiths, Owen, Pritchard, Rees, Morgan, Llewellyn, Bowen, Gwynne, Parry",
    ),
    girls: split("Siân, Cerys, Carys, Ffion, Seren, Nia, Mali, Lowri, Alaw, Gwen, Efa, Non, Mared"),
    boys: split("Rhys, Dylan, Gethin, Ieuan, Osian, Macsen, Harri, Gruffydd, Tomos, Emyr, Siôn, Iwan"),
  },
  POLISH: {
    ethnicCategories: ["C"],
    family: split(
      "Kowalski, Nowak, Wiśniewski, Wójcik, Kamiński, Lewandowski, Zieliński, Szymański, Dąbrowski, Kozłowski, Mazur",
    ),
    girls: split("Zofia, Hanna, Julia, Maja, Laura, Oliwia, Alicja, Lena, Zuzanna, Małgorzata, Michalina, Jagoda"),
    boys: split(
      "Łukasz, Antoni, Jakub, Szymon, Franciszek, Mikołaj, Kacper, Michał, Aleksander, Piotr, Wojciech, Błażej",
    ),
  },
  SOUTH_ASIAN: {
    ethnicCategories: ["H", "J", "K", "L"],
    family: split(
      "Khan, Hussain, Ahmed, Patel, Ali, Begum, Singh, Kaur, Rahman, Sharma, Iqbal, Malik, Uddin, Chowdhury, Gupta, Nair, Thomas",
    ),
    girls: split(
      "Aisha, Fatima, Zara, Maryam, Anaya, Inaya, Priya, Diya, Hafsa, Simran, Zainab, Amina, Meera, Ishani, Anvi",
    ),
    boys: split(
      "Mohammed, Yusuf, Ibrahim, Arjun, Aarav, Ayaan, Zayn, Hamza, Rohan, Imran, Bilal, Kabir, Rayyan, Vihaan, Dev",
    ),
  },
  AFRICAN: {
    ethnicCategories: ["N", "M", "P", "E"],
    family: split(
      "Adeyemi, Okafor, Mensah, Osei, Okonkwo, Abdi, Hassan, Boateng, Eze, Nwosu, Mwangi, Tesfaye, Diallo, Kamara, Balogun",
    ),
    girls: split("Adaeze, Chiamaka, Temi, Ifeoma, Amara, Hodan, Efua, Nia, Zola, Folasade, Akosua, Makeda, Aminata"),
    boys: split("Chidi, Kwame, Tobi, Emeka, Kofi, Abdirahman, Jelani, Segun, Malachi, Yaw, Ikenna, Dawit, Mamadou"),
  },
  CHINESE: {
    ethnicCategories: ["R", "R", "F"],
    family: split("Chen, Wong, Li, Zhang, Chan, Lau, Cheung, Liu, Lam, Ng, Wu, Tang, Huang, Ho, Leung"),
    girls: split("Mei, Xinyi, Jasmine, Yuki, Hui, Emily, Ling, Zihan, Annabel, Kexin"),
    boys: split("Jun, Wei, Haoran, Jayden, Ethan, Ming, Yichen, Zihao, Marcus, Lok"),
  },
  ARABIC: {
    ethnicCategories: ["S", "S", "G"],
    family: split("Al-Masri, Saleh, Haddad, Nasser, Abdullah, Ghaleb, Al-Hashimi, Mansour, Qasim, Saeed, Al-Yamani"),
    girls: split("Layla, Noor, Salma, Yasmin, Mariam, Hala, Rania, Lina, Sara, Dalia"),
    boys: split("Omar, Ahmed, Khalid, Karim, Tariq, Yahya, Adam, Idris, Zaid, Faisal"),
  },
  OTHER_EUROPEAN: {
    ethnicCategories: ["C", "C", "S"],
    family: split(
      "Popescu, Ionescu, Müller, García, Fernández, Silva, Gonçalves, Rossi, Kovács, Papadopoulos, Çelik, Yılmaz, Bondarenko, Novák",
    ),
    girls: split("Sofía, Inês, Ioana, Élise, Anaïs, Elif, Katarína, Giulia, Zsófia, Daryna, Ştefania"),
    boys: split("José, João, Andrei, Jürgen, Matteo, Emre, Tomáš, Dmytro, André, Łukasz, Ömer"),
  },
} as const satisfies Record<string, Origin>;

/** Families of the region by origin, in hundredths; near to the census of 2021 and no nearer than it needs to be. */
export const ORIGIN_WEIGHTS = weights({
  ENGLISH: 820,
  IRISH: 45,
  WELSH: 30,
  POLISH: 22,
  SOUTH_ASIAN: 30,
  AFRICAN: 18,
  CHINESE: 12,
  ARABIC: 13,
  OTHER_EUROPEAN: 10,
} satisfies Record<keyof typeof ORIGINS, number>);

const STREET_NAMES = split(
  `Acorn, Alder, Ash, Beacon, Beech, Birch, Bluebell, Bramble, Bridge, Brook, Canal, Cedar, Chapel, Cherry, Chestnut,
  Church, Clover, Cotton, Dee, Dock, Elm, Falcon, Fern, Ferry, Field, Foxglove, Garden, Grange, Granary, Hawthorn,
  Hazel, Heron, Holly, Juniper, Kestrel, Kingfisher, Lark, Laurel, Lighthouse, Lime, Linden, Lock, Mallard, Maple,
  Marsh, Meadow, Mersey, Mill, Moss, Oak, Orchard, Park, Pear Tree, Plover, Poplar, Priory, Quarry, Rope, Rose, Rowan,
  Salt, Sandpiper, School, Station, Swan, Sycamore, Tide, Turnpike, Victoria, Walnut, Weaver, Wharf, Willow, Windmill,
  Woodside, Yew Tree`,
);
const STREET_KINDS = split("Road, Street, Avenue, Close, Lane, Drive, Grove, Way, Crescent, Court, Walk");

/** 836 streets that are in no gazetteer by intention; some are in one by accident. */
export const STREETS: readonly [string, ...string[]] = (() => {
  const [first = "", ...rest] = STREET_NAMES.flatMap((name) => STREET_KINDS.map((kind) => `${name} ${kind}`));
  return [first, ...rest];
})();

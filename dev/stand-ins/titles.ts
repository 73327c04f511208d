/** What is on sale in the demo. */
export const titles = [
  'Chamber music at noon',
  'Jazz in the cellar',
  'The late comedy show',
  'Open-air cinema',
  'Cup final, east stand',
  'Folk night',
  'Opera, second balcony',
  'Poetry slam',
  'Stand-up marathon',
  'Symphony no. 9',
  'Techno till dawn',
  'Winter circus',
] as const;

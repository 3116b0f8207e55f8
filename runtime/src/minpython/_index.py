"""Made from behaviours/*.ini by `python -m minpython.table --write`; edit those."""

# name: (changed in, how, targets, restorer, modules, per package, insecure, by default,
#        provider, has a restorer)
BEHAVIOURS = {
    'array-tostring': ((3, 9, 0), 'type-dictionary', ('array',), 'array:array_tostring', (), True, False, True, '', True),
    'collections-abc-aliases': ((3, 10, 0), 'lazy-attribute', ('collections',), 'collections:collections_abc_aliases', (), True, False, True, '', True),
    'imp': ((3, 12, 0), 'module', (), 'modules:imp', ('imp',), True, False, True, '', False),
    'os-errno': ((3, 7, 0), 'lazy-attribute', ('os',), 'os:os_errno', (), True, False, True, '', True),
    'random-shuffle-random': ((3, 11, 0), 'parameter', ('random',), 'random:random_shuffle_random', (), True, False, True, '', True),
    'xml-etree-getchildren': ((3, 9, 0), 'type-dictionary', ('xml.etree.ElementTree',), 'xml:xml_etree_getchildren', (), True, False, True, '', True),
    'xml-etree-getiterator': ((3, 9, 0), 'type-dictionary', ('xml.etree.ElementTree',), 'xml:xml_etree_getiterator', (), True, False, True, '', True),
}
